// How long do 10,000 pairs of means take over a year of one-minute bars, each with its orders, fees, round trips and days?
import {
  type CandleColumns,
  type SweepMarket,
  type SweepTerms,
  sweepTrials,
} from '../operators/research/vectorized/index.ts'
import { smaCross } from '../operators/strategies/sma-cross.ts'
import { MemoryWatch } from '../pipelines/memory.ts'
import { reference } from './bars.ts'
import { type Bench, mustEqual, timed } from './bench.ts'
import { benchInstrument, candlesOf, minutes, yearOfBars } from './series.ts'

/** The account and the venue of the bench `bars`. */
export const terms: SweepTerms = { fill: 'close', cashE8: 100_000_000_000_000n }

export function marketOf(candles: CandleColumns): SweepMarket {
  return { instrument: benchInstrument, candles, takerFee: 0.0004 }
}

/** Fast means of 5 to 104 bars, slow ones of 110 to 605. */
const pairs = Array.from({ length: 10_000 }, (_, at) => ({
  fast: 5 + Math.floor(at / 100),
  slow: 110 + 5 * (at % 100),
}))

export const sweep: Bench = {
  name: 'sweep',
  question: '10,000 SMA combinations × 525,600 one-minute bars, with fees, round trips and daily equity',
  async run({ share, data }) {
    const series = await yearOfBars(data, Math.round(minutes * share))
    const candles = candlesOf(series)
    const memory = new MemoryWatch()
    const before = process.cpuUsage()
    const { ms, result } = await timed(() =>
      sweepTrials(smaCross, [marketOf(candles)], pairs, terms, { onProgress: () => memory.look() }),
    )
    const cpu = process.cpuUsage(before)
    for (const at of [0, 4_242, 9_999]) {
      const { fast: quick, slow: long } = pairs[at]!
      const trial = [Number(result.finalEquityE8[at]) / 1e8, result.fills[at]]
      mustEqual(
        `final equity and fills of ${quick}/${long}`,
        trial,
        reference(series, { quick, long, cashE8: terms.cashE8 }),
      )
    }
    if (share === 1) {
      const fills = result.fills.reduce((sum, one) => sum + one, 0)
      const equity = result.finalEquityE8.reduce((sum, one) => sum + one, 0n)
      mustEqual('fills and equity of all', [fills, String(equity)], [allFills, allEquity])
    }
    const peers = 'vectorbt 6.3 M bar-combinations/s: 14 min; a fused loop 3.8 s'
    const combinations = pairs.length * candles.time.length
    return [
      { what: 'candles to results', value: ms / 1000, unit: 's', pass: 20, aim: 4, peers },
      { what: 'time of all cores', value: (cpu.user + cpu.system) / 1e6, unit: 's' },
      { what: 'bar-combinations a second', value: combinations / ms / 1000, unit: 'M/s', at: 'least' },
      { what: 'peak anonymous memory', value: memory.peakMb, unit: 'MB', pass: 512, aim: 256 },
    ]
  },
}

const allFills = 32_129_274
const allEquity = '932417472240312800'
