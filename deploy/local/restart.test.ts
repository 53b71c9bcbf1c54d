import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lastSaid, openLog, rotate } from './log.ts'
import { afterEnd, type MemberState, waitMs } from './restart.ts'
import type { Unit } from './unit.ts'

const rules = { firstMs: 1000, mostMs: 60_000, loopAfter: 5, healthyMs: 60_000, stopMs: 1, hungMs: 1000, readyMs: 1 }
const unit: Unit = {
  ...{ pipeline: 'a', since: 1, run: 'a', replicas: 2, flags: [], mode: 'paper', memoryMb: 1 },
  takesOver: false,
  role: 'serving',
}
const state: MemberState = { id: 'a@v1-0', status: 'ready', pid: 1, startedMs: 0, restarts: 0, endsInRow: 0 }
const end = (code: number | null, said = '', atMs = 10) => ({
  code,
  said,
  atMs,
  how: code === null ? 'SIGKILL' : `exit ${code}`,
})

test('waits double up to the most, and a seed decides a share of each: the same again, another for another process', () => {
  const waits = [1, 2, 3, 7, 50].map((ends) => waitMs(ends, rules, 'desk/a@v1-0/0'))
  for (const [at, full] of [1000, 2000, 4000, 60_000, 60_000].entries()) {
    expect(waits[at]).toBeGreaterThanOrEqual(full / 2)
    expect(waits[at]).toBeLessThanOrEqual(full)
  }
  expect(waitMs(1, rules, 'desk/a@v1-0/0')).toBe(waits[0])
  expect(waitMs(1, rules, 'desk/a@v1-1/0')).not.toBe(waits[0])
})

test('ends in a row make a crash loop; who lived for long begins to count anew', () => {
  const ended = (before: MemberState, atMs = 10) =>
    afterEnd({ ...before, startedMs: 0 }, end(null, '', atMs), { unit, rules, seed: 's' })
  let now = state
  for (let times = 1; times < 5; times++) {
    now = ended(now)
    expect(now).toMatchObject({ status: 'waiting', endsInRow: times })
  }
  now = ended(now)
  expect(now).toMatchObject({ status: 'crash loop', endsInRow: 5 })
  expect(now.pid).toBe(undefined)
  expect(ended(now, 60_000)).toMatchObject({ status: 'waiting', endsInRow: 1 })
})

test('who is finished, was taken over from, or is wrong for good is not started again', () => {
  const after = (code: number | null, more: Partial<Unit> = {}, said = '') =>
    afterEnd(state, end(code, said), { unit: { ...unit, ...more }, rules, seed: 's' }).status
  expect(after(0, { mode: 'backtest' })).toBe('finished')
  // Paper has no end: it is started again.
  expect(after(0)).toBe('waiting')
  expect([after(1, { role: 'old' }, 'TAKEN_OVER: by a newer version'), after(0, { role: 'old' })]).toEqual([
    'ended',
    'ended',
  ])
  expect(after(1, { role: 'old' }, 'SERVICE_LOST: no broker')).toBe('waiting')
  expect([after(2), after(1, {}, 'VERSION_MISMATCH: other rows')]).toEqual(['failed', 'failed'])
})

test('a log that grew is copied and emptied, five deep, while its process goes on writing to it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-log-'))
  const path = join(folder, 'logs', 'a-0.log')
  const fd = openLog(path, 'first')
  for (let times = 0; times < 7; times++) {
    writeFileSync(fd, `${times}`.repeat(100))
    expect(rotate(path, 50)).toBe(true)
  }
  writeFileSync(fd, 'CONFIG_INVALID: wrong\n  did you mean it?\n')
  expect(rotate(path, 50)).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe('CONFIG_INVALID: wrong\n  did you mean it?\n')
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('6'.repeat(100))
  expect(readFileSync(`${path}.5`, 'utf8')).toBe('2'.repeat(100))
  expect(() => readFileSync(`${path}.6`)).toThrow('ENOENT')
  expect(lastSaid(path)).toBe('CONFIG_INVALID: wrong')
  openLog(path, 'second')
  expect(lastSaid(path)).toBe('')
  rmSync(folder, { recursive: true, force: true })
})
