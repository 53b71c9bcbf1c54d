// How long does a year of one-minute bars take, event-driven: 22,080 market orders with fees?
import { join } from 'node:path'
import { backtest } from '../pipelines/backtest.ts'
import { parseTopology } from '../pipelines/config.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { findSeats } from '../pipelines/seats.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type Bench, child, mustEqual } from './bench.ts'
import { minutes, type Series, yearOfBars } from './series.ts'

export const bars: Bench = {
  name: 'bars',
  question: '525,600 one-minute bars, SMA 10/30, market orders with fees, event-driven',
  async run({ share, data, folder }) {
    const count = Math.round(minutes * share)
    child([join(import.meta.dirname, 'write-bars.ts'), data, folder, String(count)])
    const topics = await openTopics({ engine: 'embedded', dir: folder })
    const result = await crossBars(topics)
    await topics.close()
    if (share === 1) {
      mustEqual('fills', result.fills, 22_080)
      mustEqual('final equity', result.finalEquity.toFixed(4), '439036.6801')
    } else {
      mustEqual('final equity and fills', [result.finalEquity, result.fills], reference(await yearOfBars(data, count)))
    }
    const peers = 'NautilusTrader 13.3 s, backtrader 43.6 s, backtesting.py 2.3 s, vectorbt 0.073 s vectorized'
    return [
      { what: 'topic read to last commit', value: result.seconds, unit: 's', pass: 0.5, aim: 0.07, peers },
      { what: 'peak anonymous memory', value: result.peakRssMb, unit: 'MB', pass: 512, aim: 256 },
    ]
  },
}

/** The run that is measured, over whatever bars are there. */
export async function crossBars(topics: Topics): Promise<BacktestResult> {
  const topology = parseTopology({
    ...{ exchange: 'bench', symbols: ['BTC-PERP'], risk: 'off', account: { cash: 1_000_000 } },
    strategy: { name: 'sma-cross', params: { fast: 10, slow: 30, size: 1, mode: 'long-flat' } },
    venue: { fill: 'close', fees: { taker: 0.0004 } },
  })
  const clock = { nowMs: () => performance.now() }
  return backtest({ topics, topology, ...(await findSeats(topology)), clock })
}

/** Final equity and fills of closes in cents by a few plain lines: what graph and sweep must give on any share of the series. */
export function reference(
  { close }: Pick<Series, 'close'>,
  { quick, long, cashE8 } = { quick: 10, long: 30, cashE8: 10n ** 14n },
): [number, number] {
  let [fast, slow, before, held, cash, fills] = [0, 0, 0, 0, cashE8, 0]
  for (let i = 0; i < close.length; i++) {
    fast += close[i]! - (i >= quick ? close[i - quick]! : 0)
    slow += close[i]! - (i >= long ? close[i - long]! : 0)
    if (i < long - 1) continue
    const sign = Math.sign(fast * long - slow * quick)
    const value = BigInt(close[i]!) * 1_000_000n
    if ((sign > 0 && before <= 0 && held === 0) || (sign < 0 && before >= 0 && held === 1)) {
      cash += (held === 0 ? -value : value) - (value * 4n) / 10_000n
      held = 1 - held
      fills++
    }
    before = sign
  }
  return [Number(cash + BigInt(held * close[close.length - 1]!) * 1_000_000n) / 1e8, fills]
}
