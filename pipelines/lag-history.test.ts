// What several looks tell: rates, the time to catch up, and which state a task is in.
import { describe, expect, test } from 'vitest'
import { lagHistory } from './lag-history.ts'
import type { TaskLook } from './lag-look.ts'

interface Seen {
  readonly committed?: number | null
  readonly end?: number
  readonly step?: number
  readonly committedMs?: number | undefined
  readonly held?: boolean
  readonly finished?: boolean
}

/** A task of one partition. */
function look({ committed = 0, end = 100, step = 1, committedMs = 0, held = true, finished = false }: Seen): TaskLook {
  const part = { topic: 'market.trades', partition: 0, seconds: 0, estimated: false }
  return {
    ...{ run: 'r', pipeline: 'trading', task: 'trading-0', mode: 'follow', step, committedMs, held, finished },
    partitions: [{ ...part, committed, end, rows: end - (committed ?? 0) }],
  }
}

/** What is known after looks a second apart. */
function seenAs(seen: readonly Seen[], { stuckAfterMs = 10_000, everyMs = 1000 } = {}) {
  const history = lagHistory({ stuckAfterMs })
  const reports = seen.map((one, n) => history.add(n * everyMs, [look(one)])[0]!)
  const { state, why, partitions } = reports.at(-1)!
  return { state, why, ...partitions[0]! }
}

describe('rates', () => {
  test('one look gives none, and says how to get one', () => {
    expect(seenAs([{}])).toMatchObject({
      ...{ rowsPerSecond: null, etaSeconds: null, reason: 'a rate takes two looks: --watch' },
    })
  })

  test('are of what was committed between the first look and the last', () => {
    expect(seenAs([{ committed: 0 }, { committed: 30 }, { committed: 40 }])).toMatchObject({ rowsPerSecond: 20 })
  })

  test('the time to catch up is by what it gains on what comes', () => {
    const gains = seenAs([
      { committed: 0, end: 100 },
      { committed: 30, end: 110, step: 2 },
    ])
    expect(gains).toMatchObject({ rowsPerSecond: 30, etaSeconds: 80 / 20 })
    const loses = seenAs([
      { committed: 0, end: 100 },
      { committed: 30, end: 140, step: 2 },
    ])
    expect(loses).toMatchObject({ rowsPerSecond: 30, etaSeconds: null, reason: 'it gains nothing' })
  })

  test('who has nothing to go has caught up now', () => {
    expect(seenAs([{ committed: 100 }])).toMatchObject({ etaSeconds: 0 })
  })

  test('are over the last minute, and not over what was before', () => {
    const seen = Array.from({ length: 200 }, (_, n) => ({
      committed: n < 100 ? 0 : (n - 100) * 5,
      end: 10_000,
      step: n,
    }))
    expect(seenAs(seen)).toMatchObject({ rowsPerSecond: 5 })
  })
})

describe('states', () => {
  test('running: it commits and keeps up, or has nothing to commit', () => {
    expect(seenAs([{ committed: 90 }, { committed: 95, step: 2, committedMs: 1000 }]).state).toBe('running')
    const idle = { committed: 100, committedMs: 0 }
    expect(seenAs(Array.from({ length: 60 }, () => idle)).state).toBe('running')
  })

  test('slow: it commits, and more comes than it takes', () => {
    const seen = Array.from({ length: 6 }, (_, n) => ({
      ...{ committed: n * 10, end: 100 + n * 30, step: n, committedMs: n * 1000 },
    }))
    expect(seenAs(seen)).toMatchObject({ state: 'slow', why: 'it commits, and more comes than it takes' })
  })

  test('the teeth that commits make are not slowness, wherever they are looked at', () => {
    for (const phase of [0, 1, 2, 3]) {
      // 10 rows come a look, 40 are committed every fourth one.
      const seen = Array.from({ length: 12 }, (_, n) => {
        const step = Math.floor((n + phase) / 4)
        return { committed: step * 40, end: 50 + (n + phase) * 10, step, committedMs: step * 4000 }
      })
      for (let looks = 5; looks <= 12; looks++) {
        expect(seenAs(seen.slice(0, looks)).state, `phase ${phase}, ${looks} looks`).toBe('running')
      }
    }
  })

  test('stuck: it is held, there are rows, and nothing was committed for long', () => {
    expect(seenAs([{}, {}, {}], { everyMs: 5000, stuckAfterMs: 8000 })).toMatchObject({
      state: 'stuck',
      why: 'somebody holds it, and nothing was committed for 10 s',
    })
    expect(seenAs([{}, {}, {}], { everyMs: 1000, stuckAfterMs: 8000 }).state).toBe('running')
  })

  test('a commit ends being stuck, and so does having nothing to commit', () => {
    const stuck = [{}, {}, {}]
    const options = { everyMs: 5000, stuckAfterMs: 8000 }
    expect(seenAs([...stuck, { committed: 10, step: 2, committedMs: 15_000 }], options).state).toBe('running')
    expect(seenAs([...stuck, { committed: 100 }], options).state).toBe('running')
  })

  test('who has just taken over what was left long ago is not stuck yet', () => {
    const stopped = { held: false, committedMs: -3_600_000 }
    const held = { held: true, committedMs: -3_600_000 }
    expect(seenAs([stopped, held], { everyMs: 1000 }).state).toBe('running')
    expect(seenAs([stopped, held, held], { everyMs: 11_000 }).state).toBe('stuck')
  })

  test('stopped: nobody holds it, whatever it did before', () => {
    expect(seenAs([{ step: 1 }, { step: 2, committed: 50, held: false }])).toMatchObject({
      ...{ state: 'stopped', why: 'nobody works on it' },
    })
  })

  test('finished: all is committed and no more will come, held or not', () => {
    expect(seenAs([{ finished: true, held: false, committed: 100 }])).toMatchObject({
      state: 'finished',
      etaSeconds: 0,
    })
  })

  test('a run that is removed and made anew is not judged by the old one', () => {
    const history = lagHistory({ stuckAfterMs: 5000 })
    history.add(0, [look({ held: false })])
    history.add(1000, [])
    expect(history.add(2000, [look({})])[0]!.partitions[0]!.rowsPerSecond).toBeNull()
  })
})
