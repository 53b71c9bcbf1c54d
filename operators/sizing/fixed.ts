// The size that the signal names, times a factor.
import { z } from 'zod'
import type { SizingRule } from './sizing.ts'

const parameters = z.strictObject({
  factor: z.number().positive().max(1000).default(1).describe('what the size of each signal is multiplied by'),
})

/** `size × factor`: 1 leaves every size as the strategy gave it (O10). */
export const fixed: SizingRule<typeof parameters> = {
  name: 'fixed',
  summary: 'the size that the signal names, times a factor',
  scales: true,
  parameters,
  create: ({ factor }) => ({ size: (_signal, size) => size * factor }),
}
