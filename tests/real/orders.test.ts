// Orders on ticks over a real capture, held against loops that read the same rows one order at a time.
import { expect, test } from 'vitest'
import { binanceUsdm } from '../../connectors/exchanges/binance/index.ts'
import { MarketState } from '../../operators/market-state.ts'
import type { BookColumns, QuoteColumns, TradeColumns } from '../../schemas/records.generated.ts'
import { describeWith } from '../data.ts'
import { capture, instrument, type Planned, type Row, second, trade } from './capture.ts'

const lots = 20
const { tickSize, lotSize } = instrument
const inTicks = (price: number) => Math.round(price / tickSize)
const inLots = (size: number) => Math.round(size / lotSize)

/** The rows as the exchange made them, and the market before each. */
function inExchangeOrder(): Row[] {
  const { rows } = capture()
  return rows.map((row) => ({ ...row, received: row.time })).sort((a, b) => a.time - b.time)
}

/** Every other second the market as it is then. */
function moments(rows: readonly Row[], gap: number, see: (at: number, market: MarketState, received: number) => void) {
  const market = new MarketState(instrument, { rule: binanceUsdm.sync })
  let next = rows[0]!.received + second
  for (const [at, row] of rows.entries()) {
    market.apply(row)
    if (row.received < next || !market.synced || Number.isNaN(market.bidTicks)) continue
    next = row.received + gap
    see(at, market, row.received)
  }
}

/** The new size of a level in a row of depth or a quote; undefined where the row does not say it. */
function said({ topic, batch, row }: Row, ticks: number, side: 'bid' | 'ask'): number | undefined {
  if (topic === 'quotes') {
    const columns = batch.columns as QuoteColumns
    return inTicks(columns[side][row]!) === ticks ? inLots(columns[`${side}Size`][row]!) : undefined
  }
  const { [`${side}s` as const]: list } = batch.columns as BookColumns
  for (let item = list.offsets[row]!; item < list.offsets[row + 1]!; item++)
    if (inTicks(list.columns.price[item]!) === ticks) return inLots(list.columns.size[item]!)
  return undefined
}

describeWith('data', 'on a real capture', () => {
  test('FR-302: a limit order waits its turn in the queue: behind what stood there, before what came later', () => {
    const rows = inExchangeOrder()
    const orders: Planned[] = []
    const wait = 2 * second
    const expected = new Map<string, number>()
    moments(rows, wait + second, (at, market, received) => {
      const clientId = `bid.${orders.length}`
      const ticks = market.bidTicks
      orders.push({ received, clientId, kind: 'new', side: 'buy', type: 'limit', timeInForce: 'gtx', ticks, lots })
      orders.push({ received: received + wait, clientId, kind: 'cancel' })
      expected.set(clientId, filledInQueue(rows, at + 1, ticks, received, received + wait))
    })
    const { executions } = trade(rows, orders, 0, {})
    const filled = new Map<string, number>()
    for (const { kind, clientId, lots: part } of executions)
      if (kind === 'fill') filled.set(clientId, (filled.get(clientId) ?? 0) + part!)
    expect([...expected].map(([id, count]) => [id, filled.get(id) ?? 0, count]).filter(([, a, b]) => a !== b)).toEqual(
      [],
    )
    const counts = [...expected.values()]
    for (const some of [counts.filter((one) => one === lots), counts.filter((one) => one === 0)])
      expect(some.length).toBeGreaterThan(20)
  })

  /** Lots of a bid that joined the queue at its price, row by row: at worst nobody ahead of it goes but by trades. */
  function filledInQueue(rows: readonly Row[], from: number, ticks: number, arrival: number, until: number): number {
    const market = new MarketState(instrument, { rule: binanceUsdm.sync })
    for (const row of rows.slice(0, from)) market.apply(row)
    // What arrived meets the first row after it, on the market before.
    let ahead = Number.NaN
    let [most, got, levelTime] = [Number.POSITIVE_INFINITY, 0, arrival]
    const taken = new Map<number, number>()
    for (let at = from; at < rows.length && got < lots; at++) {
      const row = rows[at]!
      if (Number.isNaN(ahead) && row.time > arrival) {
        if (market.askTicks <= ticks) return 0
        ahead = market.lotsAt('bid', ticks)
      }
      if (row.time > until) return got
      market.apply(row)
      if (!(row.time > arrival)) continue
      if (row.topic === 'trades') {
        const { price, size, side } = row.batch.columns as TradeColumns
        const at = inTicks(price[row.row]!)
        if (at < ticks) return lots
        if (at > ticks || side[row.row] === 0) continue
        const traded = inLots(size[row.row]!)
        got += Math.min(lots - got, Math.max(0, traded - Math.max(0, Math.min(ahead, most))))
        ahead -= traded
        // A trade from before the level's last row was in that row already.
        if (row.time > levelTime) most -= traded
      } else {
        if (market.askTicks <= ticks) {
          // The other side came to it: it takes what is there and was not taken yet.
          if (market.changed)
            for (const ask of [...taken.keys()]) if (said(row, ask, 'ask') !== undefined) taken.delete(ask)
          for (let ask = market.askTicks; ask <= ticks; ask = market.next('ask', ask)) {
            const part = Math.min(lots - got, market.lotsAt('ask', ask) - (taken.get(ask) ?? 0))
            taken.set(ask, (taken.get(ask) ?? 0) + part)
            got += part
          }
        }
        const size = market.changed ? said(row, ticks, 'bid') : undefined
        const known = size ?? (market.changed && row.topic === 'books' ? market.lotsAt('bid', ticks) : Number.NaN)
        if (Number.isNaN(known)) continue
        most = Math.min(most, known)
        levelTime = row.time
      }
    }
    return got
  }

  test('FR-303: a stop-loss waits for the mark to come to its trigger, and is then a market order in the book', () => {
    const rows = inExchangeOrder()
    const orders: Planned[] = []
    /** By client id: the moment at which the mark first is at the trigger or below, after the stop arrived. */
    const due = new Map<string, { from: number; received: number; trigger: number }>()
    moments(rows, 20 * second, (at, market, received) => {
      const trigger = market.bidTicks - 30
      const entry = { received, clientId: `entry.${at}`, kind: 'new', side: 'buy', type: 'market', lots } as const
      const stop = { side: 'sell', type: 'stop-market', lots, reduceOnly: true, triggerTicks: trigger } as const
      orders.push(entry, { received, clientId: `stop.${at}`, kind: 'new', ...stop, parent: entry.clientId })
      orders.push({ received: received + 19 * second, clientId: `stop.${at}`, kind: 'cancel' })
      orders.push({
        received: received + 19 * second,
        clientId: `out.${at}`,
        kind: 'new',
        side: 'sell',
        type: 'market',
        lots,
        reduceOnly: true,
      })
      due.set(`stop.${at}`, { from: at + 1, received, trigger })
    })
    const { executions } = trade(rows, orders, 0, {})
    let triggered = 0
    for (const [id, { from, received, trigger }] of due) {
      const market = new MarketState(instrument, { rule: binanceUsdm.sync })
      for (const row of rows.slice(0, from)) market.apply(row)
      const at = rows.findIndex((row, i) => {
        if (i < from) return false
        market.apply(row)
        return market.synced && row.time > received && market.markTicks <= trigger
      })
      const told = executions.filter(({ clientId }) => clientId === id)
      const isDue = at >= 0 && rows[at]!.time <= received + 19 * second
      const event = told.find(({ kind }) => kind === 'triggered')
      expect(event?.time, id).toBe(isDue ? rows[at]!.time : undefined)
      if (!isDue) continue
      triggered++
      const fills = told.filter(({ kind }) => kind === 'fill')
      expect(fills.reduce((sum, fill) => sum + fill.lots!, 0)).toBe(lots)
      for (const { ticks, time } of fills) {
        expect(time).toBe(rows[at]!.time)
        expect(ticks).toBeLessThanOrEqual(trigger + 1)
      }
    }
    expect(triggered).toBeGreaterThan(3)
  })
})
