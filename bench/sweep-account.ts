// How long do 1,000 pairs of means take over a year of one-minute bars of five instruments that share one account?
import { type SweepMarket, sweepTrials } from '../operators/research/vectorized/index.ts'
import { smaCross } from '../operators/strategies/sma-cross.ts'
import { MemoryWatch } from '../pipelines/memory.ts'
import { reference } from './bars.ts'
import { type Bench, mustEqual, timed } from './bench.ts'
import { candlesOf, minutes, type Series, yearOfBars } from './series.ts'
import { marketOf, terms } from './sweep.ts'

/** Fast means of 5 to 44 bars, slow ones of 110 to 230. */
const pairs = Array.from({ length: 1000 }, (_, at) => ({
  fast: 5 + Math.floor(at / 25),
  slow: 110 + 5 * (at % 25),
}))
const instruments = 5
/** Ten million: money enough for all. */
const cashE8 = 1_000_000_000_000_000n

export const sweepAccount: Bench = {
  name: 'sweep-account',
  question: '1,000 SMA combinations × five instruments in one account × 525,600 one-minute bars',
  async run({ share, data }) {
    const year = await yearOfBars(data, Math.round(minutes * share))
    const all = Array.from({ length: instruments }, (_, at) => turned(year, at / instruments))
    const markets = all.map((series, at): SweepMarket => {
      const market = marketOf(candlesOf(series))
      return { ...market, instrument: { ...market.instrument, index: at, symbol: `BTC-PERP-${at}` } }
    })
    const memory = new MemoryWatch()
    const before = process.cpuUsage()
    const { ms, result } = await timed(() =>
      sweepTrials(smaCross, markets, pairs, { ...terms, cashE8 }, { onProgress: () => memory.look() }),
    )
    const cpu = process.cpuUsage(before)
    // Then they come together to the sum of what each comes to alone.
    for (const at of [0, 424, 999]) {
      const { fast: quick, slow: long } = pairs[at]!
      const alone = all.map((series) => reference(series, { quick, long, cashE8 }))
      const gains = alone.map(([equity]) => BigInt(Math.round(equity * 1e8)) - cashE8)
      const gained = gains.reduce((sum, one) => sum + one, 0n)
      const fills = alone.reduce((sum, one) => sum + one[1], 0)
      const trial = [String(result.finalEquityE8[at]! - cashE8), result.fills[at]]
      mustEqual(`gain and fills of ${quick}/${long}`, trial, [String(gained), fills])
    }
    const combinations = instruments * pairs.length * year.close.length
    return [
      { what: 'candles to results', value: ms / 1000, unit: 's' },
      { what: 'time of all cores', value: (cpu.user + cpu.system) / 1e6, unit: 's' },
      { what: 'bar-combinations a second', value: combinations / ms / 1000, unit: 'M/s', at: 'least' },
      { what: 'peak anonymous memory', value: memory.peakMb, unit: 'MB' },
    ]
  },
}

/** The same bars, beginning after a share of them. */
function turned({ open, high, low, close, volume }: Series, share: number): Series {
  const from = Math.floor(share * close.length)
  const turn = (column: Int32Array) => Int32Array.from(column, (_, bar) => column[(bar + from) % column.length]!)
  return { open: turn(open), high: turn(high), low: turn(low), close: turn(close), volume }
}
