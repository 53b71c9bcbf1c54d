// How long from a quote that opens a spread between two exchanges to the orders that take it?
import { instrumentOf } from '../operators/instrument.ts'
import { perpetual } from '../operators/portfolio/samples.ts'
import { parseTopology } from '../pipelines/config.ts'
import type { Plan } from '../pipelines/plan.ts'
import { findSeats } from '../pipelines/seats.ts'
import { createTrading } from '../pipelines/trading.ts'
import { batchOf, type Merged } from '../schemas/batch.ts'
import type { Quote } from '../schemas/records.generated.ts'
import { type Bench, callsOf, medianOf, mustEqual } from './bench.ts'

const spreads = 2_000
const second = 1_000_000
const startUs = 1_700_000_000 * second
const names = [
  { exchange: 'binance-usdm', symbol: 'BTCUSDT' },
  { exchange: 'bybit', symbol: 'BTCUSDT' },
]
const exchange = names.map((name) => name.exchange).join(', ')
const symbols = names.map((name) => `${name.exchange}:${name.symbol}`)
const instruments = names.map((name) => perpetual({ ...name, ...{ time: 0, received: 0 } }))

/** One row a call, as live: the graph sees the quote, the strategy signals both legs, both orders go to the venues. */
export const spread: Bench = {
  name: 'spread',
  question: `a spread between two exchanges, from the quote that shows it to both orders, ${spreads.toLocaleString('en')} a round`,
  async run({ share, rounds = 5 }) {
    const count = Math.max(50, Math.round(spreads * share))
    const topology = parseTopology({
      ...{
        exchange,
        symbols,
        account: { cash: 80_000_000 },
      },
      ...{
        strategy: { name: 'cross-arbitrage', params: { minSpread: 0.001, buffer: 0, size: 0.01, maxInventory: 1 } },
      },
      venue: { fees: { taker: 0.0001 } },
      risk: 'off',
    })
    const { seats } = await findSeats(topology)
    const plan: Plan = {
      ...{ topology, exchange, symbols, from: undefined, to: undefined },
      ...{ interval: undefined, fill: 'book', instruments, inputs: [] },
    }
    const all: number[] = []
    const means: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const graph = createTrading({ plan, seats })
      const us = timesOf(graph, count)
      mustEqual('orders', graph.summary().orders, 2 * count)
      // The first round is the compiler's.
      if (round === 0) continue
      all.push(...us)
      means.push(us.reduce((sum, one) => sum + one, 0) / us.length)
    }
    return [
      {
        ...{ what: 'quote to both orders', value: medianOf(means), unit: 'µs', rounds: means },
        ...{ calls: callsOf(Float64Array.from(all)), pass: 50_000, at: 'most' as const },
      },
    ]
  },
}

/** µs of each row that opens a spread; in which direction turns each time, so that what is held comes back to nothing. */
function timesOf(graph: ReturnType<typeof createTrading>, count: number): number[] {
  const us: number[] = []
  for (let at = 0; at < count; at++) {
    const dear = at % 2
    for (const [row, bid] of [
      [1 - dear, 60_000],
      [dear, 60_000],
      [dear, 60_120],
      [dear, 60_000],
    ] as const) {
      const opens = bid > 60_000
      const merged = quote(row, bid)
      const from = performance.now()
      graph.step(merged)
      const taken = performance.now() - from
      graph.take()
      if (opens) us.push(taken * 1000)
    }
  }
  return us
}

const known = instruments.map((row, at) => instrumentOf(row, at))
let clock = startUs

function quote(at: number, bid: number): Merged {
  const { exchange: on, symbol } = known[at]!
  clock += second / 4
  const row: Quote = {
    time: clock,
    received: clock + 1000,
    exchange: on,
    symbol,
    bid,
    bidSize: 50,
    ask: bid + 0.1,
    askSize: 50,
  }
  return { rows: 1, source: new Uint16Array(1), row: new Uint32Array(1), sources: [batchOf('quotes', [row])] }
}
