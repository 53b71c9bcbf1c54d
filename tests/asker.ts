// A strategy for suites: it asks for positions at bars that are named, whatever the market is.
import { z } from 'zod'
import { pack, unpack } from '../operators/stage.ts'
import { defineStrategy, type Strategy } from '../operators/strategies/strategy.ts'

/** `targets` by number of the bar from 0, for the first instrument. */
export const asker = defineStrategy({
  name: 'asker',
  summary: 'asks for positions at bars that are named',
  parameters: z.strictObject({ targets: z.record(z.string(), z.number()) }),
  warmup: () => 0,
  needs: 'bars',
  create({ targets }, desk) {
    let count = 0
    return {
      bar({ instrument }) {
        if (instrument !== 0) return
        const target = targets[String(count++)]
        if (target !== undefined) desk.target(0, target, 'a test')
      },
      save: () => pack(count),
      load: (bytes) => {
        count = unpack(bytes)
      },
    }
  },
}) as Strategy
