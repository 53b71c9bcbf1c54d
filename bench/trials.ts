// How long do 1,000 parameter sets of a strategy that somebody wrote take, each by the event-driven graph over a year of minutes?
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trialPool } from '../bin/trial-pool.ts'
import { parseTopology } from '../pipelines/config.ts'
import { planOf } from '../pipelines/plan.ts'
import { findStrategy } from '../pipelines/strategy-file.ts'
import { studyMarket } from '../pipelines/study/market.ts'
import { openTopics } from '../topics/index.ts'
import { type Bench, child, mustEqual, timed } from './bench.ts'
import { minutes, type Series, yearOfBars } from './series.ts'

/** Ranges of 2 to 101 bars, sizes of 1 to 10 contracts. */
const asks = Array.from({ length: 1000 }, (_, trial) => ({
  ...{ trial, share: 1 },
  params: { bars: 2 + Math.floor(trial / 10), size: 1 + (trial % 10) },
}))
/** None of them loses all of it in fees. */
const cash = 80_000_000

export const trials: Bench = {
  name: 'trials',
  question:
    '1,000 parameter sets of the strategy of docs/add-a-strategy.md × 525,600 one-minute bars, event-driven, on all cores',
  async run({ share, data, folder }) {
    const count = Math.round(minutes * share)
    const engine = { engine: 'embedded', dir: join(folder, 'log') } as const
    child([join(import.meta.dirname, 'write-bars.ts'), data, engine.dir, String(count)])
    const text = readFileSync(join(import.meta.dirname, '../docs/add-a-strategy.md'), 'utf8')
    const file = join(folder, 'breakout.ts')
    writeFileSync(file, text.split('```ts\n')[1]!.split('```')[0]!)

    const topology = parseTopology({
      ...{ exchange: 'bench', symbols: ['BTC-PERP'], risk: 'off', account: { cash }, strategy: { name: file } },
      venue: { fill: 'next-open', fees: { taker: 0.0004 } },
    })
    const topics = await openTopics(engine)
    const plan = await planOf(topics, topology, [(await findStrategy(file)).strategy])
    const { stretch, rows } = await studyMarket(topics, plan)
    await topics.close()
    mustEqual('bars', rows, count)

    const { account } = topology.strategies[0]!
    const pool = trialPool({ engine, plan, stretch, strategy: { name: file, account } })
    const { ms, result } = await timed(() => pool.compute(asks, new AbortController().signal))
    pool.close()
    const series = await yearOfBars(data, count)
    for (const at of [0, 333, 999]) {
      const { finalEquityE8, fills, error } = result[at]!
      const { bars, size } = asks[at]!.params
      mustEqual(
        `final equity and fills of ${bars} bars, size ${size}`,
        [Number(finalEquityE8) / 1e8, fills, error],
        [...breakouts(series, asks[at]!.params), undefined],
      )
    }
    return [
      { what: 'first worker started to last result', value: ms / 1000, unit: 's', pass: 300 },
      { what: 'bars a second, all trials', value: (asks.length * count) / ms / 1000, unit: 'M/s', at: 'least' },
    ]
  },
}

/** Final equity and fills of the strategy by a few plain lines: filled at the next open, fee 0.04 % of the value, in whole 10⁻⁸. */
function breakouts(
  { open, high, low, close }: Series,
  { bars, size }: { bars: number; size: number },
): [number, number] {
  let [held, wanted, fills] = [0, 0, 0]
  let cashE8 = BigInt(cash) * 100_000_000n
  for (let i = 0; i < close.length; i++) {
    if (wanted !== held) {
      const value = BigInt(open[i]!) * BigInt(size) * 1_000_000n
      cashE8 += (wanted === 0 ? value : -value) - (value * 4n) / 10_000n
      held = wanted
      fills++
    }
    if (i < bars) continue
    let [top, bottom] = [0, Number.POSITIVE_INFINITY]
    for (let j = i - bars; j < i; j++) {
      top = Math.max(top, high[j]!)
      bottom = Math.min(bottom, low[j]!)
    }
    if (close[i]! > top) wanted = size
    if (close[i]! < bottom) wanted = 0
  }
  return [Number(cashE8 + BigInt(held * close[close.length - 1]!) * 1_000_000n) / 1e8, fills]
}
