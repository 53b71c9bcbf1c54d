// Sends one order at each trade: what the bench of latency times. Loaded by path, as anybody's own strategy is.
import { z } from 'zod'
import { pack, unpack } from '../operators/stage.ts'
import { defineStrategy } from '../operators/strategies/strategy.ts'

export default defineStrategy({
  name: 'echo',
  summary: 'an order at each trade',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'ticks',
  create(_, desk) {
    let sent = 0
    return {
      trade({ instrument }, { price }) {
        const order = { tag: `echo-${sent++}`, side: 'buy', size: 0.001, type: 'limit', timeInForce: 'ioc' } as const
        desk.order(instrument.index, { ...order, price: price / 2 }, 'a trade')
      },
      save: () => pack(sent),
      load: (bytes) => {
        sent = unpack<number>(bytes)
      },
    }
  },
})
