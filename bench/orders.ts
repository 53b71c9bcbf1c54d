// Can an account with a hundred open positions send 10,000 orders a minute for an hour without falling behind?
import { instrumentOf } from '../operators/instrument.ts'
import { defineStrategy, z } from '../operators/strategies/authoring.ts'
import { parseTopology } from '../pipelines/config.ts'
import type { Plan } from '../pipelines/plan.ts'
import { seatOf } from '../pipelines/seats.ts'
import { createTrading } from '../pipelines/trading.ts'
import { batchOf, type Merged } from '../schemas/batch.ts'
import type { Instrument, Quote } from '../schemas/records.generated.ts'
import { type Bench, mustEqual } from './bench.ts'

const instruments = 100
const ordersAMinute = 10_000
const second = 1_000_000
/** Each instrument has a quote so often a second: one row in six carries an order. */
const quotesASecond = 10

/**
 * An hour of quotes of a hundred instruments, given to the whole trading graph a second at a time. The first round of orders opens a
 * position in each; from then on they add to it and take from it again, all at market. Every order is sized, passes every risk layer
 * with a hundred positions open, goes to the venue and is filled. Live, a second's rows are there when the second is over: what is
 * not done by the next one is the lag.
 */
export const orders: Bench = {
  name: 'orders',
  question: `${ordersAMinute} orders a minute over ${instruments} open positions for an hour of simulated time`,
  async run({ share }) {
    const seconds = Math.max(60, Math.round(3600 * share))
    const graph = createTrading({ plan, seats: [seat] })
    let [total, lag, mostLag, longest] = [0, 0, 0, 0]
    let rows = 0
    for (let at = 0; at < seconds; at++) {
      const merged = quotesOf(at)
      const from = performance.now()
      graph.step(merged)
      graph.take()
      const ms = performance.now() - from
      rows += merged.rows
      total += ms
      longest = Math.max(longest, ms)
      lag = Math.max(0, lag + ms - 1000)
      mostLag = Math.max(mostLag, lag)
    }
    const summary = graph.summary()
    const expected = Math.floor((seconds * ordersAMinute) / 60)
    mustEqual('rows', rows, seconds * instruments * quotesASecond)
    mustEqual('rejections', summary.rejections, {})
    mustEqual('orders within one of what was asked', Math.abs(summary.orders - expected) <= 1, true)
    mustEqual('orders that were not filled yet', summary.orders - summary.fills <= instruments, true)
    mustEqual('open positions', summary.openPositions.length, instruments)
    return [
      {
        what: 'one order, its share of the rows included',
        value: (total * 1000) / summary.orders,
        unit: 'µs',
        pass: 60,
        aim: 15,
      },
      { what: 'the simulated hour', value: (total / 1000) * (3600 / seconds), unit: 's', pass: 36, aim: 9 },
      { what: 'longest second', value: longest, unit: 'ms', pass: 500, aim: 50 },
      { what: 'most lag', value: mostLag, unit: 'ms', pass: 0, aim: 0 },
    ]
  },
}

const names = Array.from({ length: instruments }, (_, at) => `S${String(at).padStart(3, '0')}USDT`)
const rowsOfInstruments = names.map(
  (symbol): Instrument => ({
    ...{
      time: 0,
      received: 0,
      exchange: 'binance-usdm',
      symbol,
      type: 'perpetual',
      base: 'S',
      quote: 'USDT',
      settle: 'USDT',
    },
    ...{ tickSize: 0.1, lotSize: 0.001, minNotional: 5, contractSize: 1, inverse: false, ccxtSymbol: symbol },
    ...{ status: 'trading', inferred: false },
  }),
)

/** Sends an order at each row at which as many are due: buys and sells in turn, so that each position stays open. */
const steady = defineStrategy({
  name: 'steady',
  summary: 'orders at an even rate',
  parameters: z.strictObject({}),
  warmup: () => 0,
  needs: 'ticks',
  create(_, desk) {
    let sent = 0
    let begun = Number.NaN
    const turns = desk.instruments.map(() => 0)
    return {
      top({ instrument: { index } }) {
        if (Number.isNaN(begun)) begun = desk.now
        if (sent >= ((desk.now - begun) * ordersAMinute) / 60 / second) return
        const turn = turns[index]!++
        sent++
        const side = turn === 0 || turn % 2 === 1 ? 'buy' : 'sell'
        desk.order(index, { tag: `${index}.${turn}`, side, size: 0.01 }, 'due')
      },
      save: () => new Uint8Array(0),
      load: () => {},
    }
  },
})

const topology = parseTopology({
  ...{ exchange: 'binance-usdm', symbols: names, strategy: { name: 'steady' } },
  // Every check is asked; their limits leave room for what the bench is about.
  risk: {
    ...{ 'max-positions': { count: instruments }, 'order-rate': { perSecond: 1000, perDay: 1_000_000 } },
    ...{ 'losing-streak': { count: 1_000_000 }, correlation: { most: 1 } },
  },
  venue: { latency: { outMs: 2, backMs: 1 }, funding: { rate: 0.0001 } },
})
const seat = seatOf(topology.strategies[0]!, { strategy: steady })
const plan: Plan = {
  ...{ topology, exchange: 'binance-usdm', symbols: names, from: undefined, to: undefined, interval: undefined },
  ...{ fill: 'book', instruments: rowsOfInstruments, inputs: [] },
}
const known = rowsOfInstruments.map(instrumentOf)

/** A second of quotes: each instrument's price walks a few ticks up and down, one after another. */
function quotesOf(at: number): Merged {
  const rows = Array.from({ length: instruments * quotesASecond }, (_, row): Quote => {
    const one = known[(row + at) % instruments]!
    const time = 1_700_000_000 * second + at * second + row * (second / instruments / quotesASecond)
    const bid = 1000 + one.index + ((at + row) % 7) / 10
    const { exchange, symbol } = one
    return { time, received: time + 1000, exchange, symbol, bid, bidSize: 50, ask: bid + 0.1, askSize: 50 }
  })
  const row = Uint32Array.from(rows, (_, i) => i)
  return { rows: rows.length, source: new Uint16Array(rows.length), row, sources: [batchOf('quotes', rows)] }
}
