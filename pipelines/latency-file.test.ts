import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { recordedIn } from './latency-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-latencies-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function read(content: string | Uint8Array, by: 'order' | 'time' = 'order', name = 'latencies') {
  const file = join(folder, name)
  writeFileSync(file, content)
  return recordedIn(file, by)
}

describe('measured latencies', () => {
  const expected = { outUs: [5_000, 7_250], backUs: [4_000, 3_500] }

  test('are read from CSV and JSON, as ways, round trips or moments, whatever the case of the names', async () => {
    expect(await read('out_ms,back_ms\n5,4\n7.25,3.5\n')).toEqual(expected)
    expect(await read('[{"outMs":5,"backMs":4},{"outMs":7.25,"backMs":3.5}]')).toEqual(expected)
    expect(await read('{"Out ms":"5","Back-ms":4}\n{"out_ms":7.25,"back_ms":3.5}\n')).toEqual(expected)
    expect(await read('roundTripMs\n9\n0.003\n')).toEqual({ outUs: [4_500, 1], backUs: [4_500, 2] })
    const ns = 'req_ts,exch_ts,resp_ts\n1670026844751525000,1670026844759000000,1670026844762122000\n'
    expect(await read(ns)).toEqual({ outUs: [7_475], backUs: [3_122] })
    expect(await read(gzipSync('out_ms,back_ms\n5,4\n7.25,3.5'))).toEqual(expected)
  })

  test('have times where they are to be used by time, rising', async () => {
    const timed = (second: string) => `time,round_trip_ms\n2025-01-02T00:00:00Z,8\n${second},8\n`
    expect(await read(timed('2025-01-02T00:00:01Z'), 'time')).toMatchObject({
      times: [1_735_776_000_000_000, 1_735_776_001_000_000],
    })
    expect(await read(timed('2025-01-02T00:00:00Z'), 'order')).not.toHaveProperty('times')
    await expect(read(timed('2025-01-02T00:00:00Z'), 'time')).rejects.toThrow(/line 3: its time is not after/)
    await expect(read('round_trip_ms\n8\n', 'time')).rejects.toMatchObject({ code: 'MESSAGE_UNREADABLE' })
  })

  test('that cannot be are refused with their line', async () => {
    await expect(read('out_ms,back_ms\n5,4\n-1,4\n')).rejects.toThrow(/line 3: a latency of -1000 µs/)
    await expect(read('out_ms,back_ms\n5\n')).rejects.toThrow(/line 2: 1 cells, and 2 columns have names/)
    await expect(read('a,b\n5,4\n')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      fix: expect.stringContaining('out_ms'),
    })
    await expect(read('out_ms,back_ms\n')).rejects.toMatchObject({ code: 'NO_DATA' })
    await expect(read('[1]')).rejects.toThrow(/row 1: 1 is no object/)
    await expect(read('[{')).rejects.toThrow(/no JSON/)
    await expect(read(`round_trip_ms\n${'1\n'.repeat(20_001)}`)).rejects.toThrow(/more than 20000 rows/)
    await expect(recordedIn(join(folder, 'nowhere'), 'order')).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })
})
