// All positions of an account end together when they have lost enough.
import { z } from 'zod'
import type { Exit } from './exit.ts'

const parameters = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('fall of equity, from its highest since nothing was held, that closes everything'),
})

/** Each position is closed at the next row of its own market. */
export const portfolio: Exit<typeof parameters> = {
  name: 'portfolio',
  summary: 'closes everything when equity fell by a share since nothing was held',
  parameters,
  create: ({ share }) => ({
    leave: ({ equity, highest }) =>
      equity <= highest * (1 - share) ? `equity fell by ${share} of its highest` : undefined,
  }),
}
