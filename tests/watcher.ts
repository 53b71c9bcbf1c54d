// A strategy that says all that it sees: a row of features, regimes or bars that comes too early, too late or otherwise shows in
// the rows that it writes.
import { z } from 'zod'
import { featureNames } from '../operators/features/index.ts'
import { horizons } from '../operators/regime/horizons.ts'
import { defineStrategy } from '../operators/strategies/strategy.ts'

export const watcher = defineStrategy({
  name: 'watcher',
  summary: 'says what it sees',
  parameters: z.strictObject({ interval: z.string() }),
  warmup: () => 0,
  needs: 'bars',
  features: true,
  regimes: true,
  intervals: ({ interval }) => [interval],
  create({ interval }, desk) {
    return {
      bar({ instrument, openTime }) {
        const features = featureNames.map((name) => desk.feature(instrument, name))
        const regimes = horizons.map((horizon) => desk.regime(instrument, horizon) ?? null)
        const longer = desk.lastBar(instrument, interval) ?? null
        const side = (openTime / 1e6) % 120 < 60 ? 1 : -1
        desk.target(instrument, side, JSON.stringify({ features, regimes, longer }))
      },
      save: () => new Uint8Array(0),
      load: () => {},
    }
  },
})
