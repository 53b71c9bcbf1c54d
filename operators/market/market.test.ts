import { describe, expect, test } from 'vitest'
import { createMarket, type MarketOptions, type MarketSink } from './market.ts'

const options: MarketOptions = { seed: 'test', duration: 60e6, startTick: 618_000, unitLots: 1 }

/** Runs in steps and keeps every event as text. */
function events(more: Partial<MarketOptions> = {}, step = 60e6) {
  const chosen = { ...options, ...more }
  const market = createMarket(chosen)
  const log: string[] = []
  const sink: MarketSink = {
    trade: (time, trade) => log.push(`trade ${time} ${Object.values(trade)}`),
    quote: (time, book) => {
      if (book.bid >= book.ask) throw new Error(`crossed at ${time}`)
      log.push(`quote ${time} ${book.sequence} ${book.bid} ${book.ask} ${book.lotsAt(book.bid)}`)
    },
    depth: (time, { bids, asks, first }, last, previous) =>
      log.push(`depth ${time} ${bids} ${asks} ${first} ${last} ${previous}`),
    book: (time, book) => log.push(`book ${time} ${book.sequence}`),
    snapshot: (time, book) => log.push(`snapshot ${time} ${book.sequence}`),
    mark: (time, ...prices) => log.push(`mark ${time} ${prices}`),
    liquidation: (time, order) => log.push(`liquidation ${time} ${Object.values(order)}`),
  }
  for (let until = step; until < chosen.duration + step; until += step) {
    market.run(Math.min(until, chosen.duration), sink)
  }
  return { log, crash: market.crash }
}

const ofKind = (log: readonly string[], kind: string) => log.filter((line) => line.startsWith(`${kind} `))

describe('the simulated market', () => {
  test('the same seed gives the same events, however the run is cut into calls', () => {
    const whole = events()
    expect(events({}, 7_654_321).log).toEqual(whole.log)
    expect(events({}, 60e6).log).toEqual(whole.log)
    expect(events({ seed: 'other' }).log).not.toEqual(whole.log)
  })

  test('events come in the order of their times, all before the end', () => {
    const times = events().log.map((line) => Number(line.split(' ')[1]))
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true)
    expect(times.at(-1)).toBeLessThan(options.duration)
  })

  test('each second has its book and its mark price, and the run has one snapshot between two depth messages', () => {
    const { log } = events()
    expect(ofKind(log, 'mark')).toHaveLength(59)
    expect(ofKind(log, 'book')).toHaveLength(59)
    const [snapshot] = ofKind(log, 'snapshot')
    const sequence = Number(snapshot!.split(' ')[2])
    const covering = ofKind(log, 'depth').find((line) => {
      const [, , , , first, last] = line.split(' ').map(Number)
      return first! <= sequence && sequence <= last!
    })
    expect(covering).toBeDefined()
  })

  test('without a crash there is none, with one the price falls by its depth and comes half way back in a minute', () => {
    const duration = 180e6
    expect(events({ crash: false }).crash).toBeUndefined()
    const { log, crash } = events({ duration })
    const bids = ofKind(log, 'quote').map((line) => line.split(' ').map(Number))
    const bidAt = (time: number) => bids.findLast(([, at]) => at! <= time)![3]!
    const before = bidAt(crash!.from)
    const lowest = Math.min(
      ...bids.filter(([, at]) => at! >= crash!.from && at! < crash!.to + 3e6).map((row) => row[3]!),
    )
    const fall = 1 - lowest / before
    expect(fall).toBeGreaterThan(0.7 * crash!.depth)
    expect(fall).toBeLessThan(1.5 * crash!.depth)
    expect(bidAt(crash!.to + 60e6)).toBeGreaterThan((before + lowest) / 2)
  })

  test('an instrument of few large ticks and one of many small lots trade as well', () => {
    for (const more of [
      { startTick: 2500, unitLots: 0.05 },
      { startTick: 4_000_000, unitLots: 400 },
    ]) {
      const { log } = events({ ...more, duration: 40e6 })
      expect(ofKind(log, 'trade').length).toBeGreaterThan(200)
      expect(ofKind(log, 'depth').length).toBeGreaterThan(500)
    }
  })
})
