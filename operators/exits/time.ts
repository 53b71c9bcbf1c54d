// A position does not last.
import { z } from 'zod'
import type { Exit } from './exit.ts'

const parameters = z.strictObject({
  seconds: z.number().positive().default(300).describe('longest time from the fill that opened it; S2 §5.2.7: 300'),
})

/** Closed at the first row of its market at or after `seconds`. */
export const time: Exit<typeof parameters> = {
  name: 'time',
  summary: 'closes what is held for too long',
  parameters,
  create: ({ seconds }) => ({
    leave: ({ now, since }) => (now - since >= seconds * 1e6 ? `held for ${seconds} s` : undefined),
  }),
}
