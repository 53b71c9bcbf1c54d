// B5, M4 and M7 in the whole graph: what latency and clocks that disagree do to orders can be shown order by order.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Execution, Order } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { outputRecords, outputsOf, rowsIn, runTopology } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { importCapture, importMarket } from '../market.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-latency-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the simulated market', () => {
  latencies(join(root, 'market'), (dir) => importMarket(dir, { seed: 31, minutes: 3 }))
})

describeWith('data', 'a real capture', () => {
  const dir = join(root, 'capture')
  latencies(dir, (dir) => importCapture(dir, 'usdm-btcusdt-20240808.gz', 'binance-usdm'))

  test('M7: the clock of a recorder 1.27 s behind is stated, and feed latencies are what is left', async () => {
    const topics = await openTopics({ dir })
    const [clock, ...others] = await rowsIn(topics, 'clocks')
    expect(others).toEqual([])
    expect(clock!.offset / 1e6).toBeCloseTo(1.272, 3)
    let early = 0
    const rows = [...(await rowsIn(topics, 'trades')), ...(await rowsIn(topics, 'quotes'))]
    for (const { time, received } of rows) {
      // By its own stamps every row came before it happened.
      expect(received).toBeLessThan(time)
      const latency = received + clock!.offset - time
      if (latency < 0) early++
      if (received < clock!.received + 60e6) expect(latency).toBeGreaterThanOrEqual(1000)
    }
    // After its first minute the recorder's clock drifted on: such rows count as of the moment at which we got them.
    expect(early / rows.length).toBeLessThan(0.02)
    await topics.close()
  })
})

/** One order and what became of it. */
interface Fate {
  readonly order: Order
  readonly answer: Execution
  readonly fills: readonly Execution[]
}

function latencies(dir: string, fill: (dir: string) => Promise<unknown>): void {
  let topics: Topics
  const levels = [0, 10, 100]
  const fates: Fate[][] = []
  let offset: number

  beforeAll(async () => {
    await fill(dir)
    topics = await openTopics({ dir })
    offset = (await rowsIn(topics, 'clocks'))[0]!.offset
    for (const latency of levels) {
      const name = `latency-${latency}`
      await runTopology(topics, name, {
        ...{ exchange: 'binance-usdm', symbols: ['BTCUSDT'], risk: 'off' },
        strategy: { name: 'market-maker', params: { spread: 2, spreadUnit: 'ticks', refreshMs: 250 } },
        venue: { latency, queue: 'conservative' },
      })
      fates.push(await fatesOf(topics, name))
    }
  })
  afterAll(() => topics?.close())

  test('B5: every order acts exactly its latency after it was sent, on the exchange’s clock, and is heard of as much later', () => {
    for (const [i, latency] of levels.entries()) {
      expect(fates[i]!.length).toBeGreaterThan(100)
      for (const { order, answer } of fates[i]!) {
        expect(answer.time).toBe(order.received + offset + latency * 1000)
        expect(answer.received).toBeGreaterThanOrEqual(order.received + 2 * latency * 1000)
      }
    }
  })

  test('B5: another latency is another result, because the same orders meet another book', async () => {
    const hashes = await Promise.all(levels.map((latency) => outputsOf(topics, `latency-${latency}`)))
    expect(new Set(hashes.map(({ executions }) => executions!.hash)).size).toBe(levels.length)
    // Orders that two runs sent alike, and how they fared: sooner or later, behind more or fewer, filled or not.
    const sentAlike = alike(fates[0]!, fates[2]!)
    expect(sentAlike.length).toBeGreaterThan(1)
    const first = sentAlike[0]!
    expect(first.slow.answer.time - first.fast.answer.time).toBe(100_000)
    const otherwise = sentAlike.filter(({ fast, slow }) => reasonOf(fast) !== reasonOf(slow))
    expect(otherwise.length / sentAlike.length).toBeGreaterThan(0.1)
  })

  test('B5: who is slower is refused more often, for the price has moved to his quote', () => {
    const refused = fates.map((all) => {
      return all.filter(({ answer }) => answer.reason === 'POST_ONLY_WOULD_TAKE').length / all.length
    })
    expect(refused[2]).toBeGreaterThan(refused[0]!)
  })

  test('M4: decisions follow the order of receipt, also where exchange times step back', async () => {
    let back = 0
    let last = 0
    for (const { time } of await rowsIn(topics, 'trades')) {
      if (time < last) back++
      last = time
    }
    const quotes = (await rowsIn(topics, 'quotes')).map(({ time, received }) => ({ time, received }))
    const trades = (await rowsIn(topics, 'trades')).map(({ time, received }) => ({ time, received }))
    const all = [...quotes, ...trades].sort((a, b) => a.received - b.received)
    for (const [i, row] of all.entries()) if (i > 0 && row.time < all[i - 1]!.time) back++
    expect(back).toBeGreaterThan(0)
    for (const latency of levels)
      for (const record of outputRecords) {
        const times = (await rowsIn(topics, record, `latency-${latency}`)).map(({ received }) => received)
        expect(times, record).toEqual(times.toSorted((a, b) => a - b))
      }
  })

  test('M4: no fill precedes its order’s arrival, and each has a row of the market that made it', async () => {
    const trades = Map.groupBy(await rowsIn(topics, 'trades'), timeKey(offset))
    const quotes = Map.groupBy(await rowsIn(topics, 'quotes'), timeKey(offset))
    const books = Map.groupBy(await rowsIn(topics, 'books'), timeKey(offset))
    let fills = 0
    for (const all of fates) {
      for (const { order, answer, fills: its } of all) {
        for (const { time, received, ticks, lots, liquidity, tickSize, lotSize } of its) {
          fills++
          expect(liquidity).toBe('maker')
          expect(ticks).toBe(order.ticks)
          expect(time).toBeGreaterThan(answer.time)
          const price = ticks! * tickSize
          const buys = order.side === 'buy'
          const through = (other: number) => (buys ? other < price + tickSize / 2 : other > price - tickSize / 2)
          const byTrade = (trades.get(time) ?? []).some((trade) => {
            const atPrice = Math.abs(trade.price - price) < tickSize / 2
            const enough = !atPrice || (trade.side !== order.side && trade.size > (lots! - 0.5) * lotSize)
            return through(trade.price) && enough && trade.received <= received
          })
          const byQuote = (quotes.get(time) ?? []).some(({ bid, ask }) => through(buys ? ask : bid))
          const byBook = (books.get(time) ?? []).some((book) =>
            (buys ? book.asks : book.bids).some((level) => through(level.price) && level.size > 0),
          )
          expect(byTrade || byQuote || byBook, `${order.clientId} at ${time}`).toBe(true)
        }
      }
    }
    expect(fills).toBeGreaterThan(50)
  })

  test('no order is filled for more than it asked, and what ends an order comes last', () => {
    for (const all of fates)
      for (const { order, fills } of all) {
        const filled = fills.reduce((sum, fill) => sum + fill.lots!, 0)
        expect(filled).toBeLessThanOrEqual(order.lots!)
        for (const [i, fill] of fills.entries())
          expect(fill.leftLots).toBe(order.lots! - fills.slice(0, i + 1).reduce((sum, one) => sum + one.lots!, 0))
      }
  })
}

/** The exchange time at which a row counts: its own, or that of its receipt where it came before it could. */
function timeKey(offset: number) {
  return ({ time, received }: { time: number; received: number }) => Math.min(time, received + offset)
}

/** Orders that were answered, in the order in which they were sent. */
async function fatesOf(topics: Topics, run: string): Promise<Fate[]> {
  const executions = Map.groupBy(await rowsIn(topics, 'executions', run), ({ clientId }) => clientId)
  const orders = (await rowsIn(topics, 'orders', run)).filter(({ kind }) => kind === 'new')
  return orders.flatMap((order) => {
    const all = executions.get(order.clientId) ?? []
    const answer = all.find(({ kind }) => kind === 'accepted' || kind === 'rejected')
    return answer === undefined ? [] : [{ order, answer, fills: all.filter(({ kind }) => kind === 'fill') }]
  })
}

/** Orders of two runs with equal time, side, price and size. */
function alike(fast: readonly Fate[], slow: readonly Fate[]): { fast: Fate; slow: Fate }[] {
  const keyOf = ({ order: { received, side, ticks, lots } }: Fate) => `${received} ${side} ${ticks} ${lots}`
  const known = new Map(fast.map((fate) => [keyOf(fate), fate]))
  return slow.flatMap((fate) => {
    const twin = known.get(keyOf(fate))
    return twin === undefined ? [] : [{ fast: twin, slow: fate }]
  })
}

/** What a report can show of an order: its answer, who was ahead of it, how much it got. */
function reasonOf({ answer, fills }: Fate): string {
  return `${answer.kind} ${answer.reason} ${answer.queueAhead} ${fills.reduce((sum, { lots }) => sum + lots!, 0)}`
}
