// T12 and the folder: no room, no right to write, another version.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alertsOf, idsRead, journalEntry, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith, testWith, withSmallDisk } from '../../tests/data.ts'
import type { Topics } from '../topics.ts'
import { openEmbedded } from './embedded.ts'
import { probe } from './probe.ts'
import { salvage } from './salvage.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-folder-'))
const sound = join(folder, 'sound')

beforeAll(async () => {
  const log = await openEmbedded(sound)
  const writer = await log.writer({ run: 'r', market: true })
  await writer.commit({ outputs: [tradesOf(0, 480)] })
  await log.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeWith('tmpfs', 'T12: a full disk', () => {
  const mb = 2 ** 20

  test('refuses a commit of rows by name, keeps what was committed, and goes on when there is room', async () => {
    await withSmallDisk(6 * mb, async (disk) => {
      writeFileSync(join(disk, 'filler'), new Uint8Array(3 * mb))
      const log = await openEmbedded(join(disk, 'log'))
      const writer = await log.writer({ run: 'r', market: true })
      let step = 0
      const commit = () =>
        writer.commit({ outputs: [tradesOf(step * 1000, step * 1000 + 1000)], journal: journalEntry('r', 't', step) })
      const fault = await untilFault(async () => {
        await commit()
        step++
      })
      expect(fault).toMatchObject({ code: 'DISK_FULL', fix: expect.stringContaining('free some space') })
      expect(step).toBeGreaterThan(5)
      await expectTrades(log, step * 1000)
      rmSync(join(disk, 'filler'))
      await commit()
      await expectTrades(log, ++step * 1000)
      await log.close()
      const again = await openEmbedded(join(disk, 'log'))
      await expectTrades(again, step * 1000)
      await again.close()
    })
  })

  test('refuses a commit of state by name, keeps what was committed, and goes on when there is room', async () => {
    await withSmallDisk(6 * mb, async (disk) => {
      writeFileSync(join(disk, 'filler'), new Uint8Array(3 * mb))
      const log = await openEmbedded(join(disk, 'log'))
      const writer = await log.writer({ run: 'r' })
      let step = 0
      const commit = (size: number) =>
        writer.commit({
          outputs: [alertsOf([step])],
          journal: journalEntry('r', 't', step),
          snapshot: Buffer.alloc(size, step),
        })
      const fault = await untilFault(async () => {
        await commit(100_000 + step * 100_000)
        step++
      })
      expect(fault).toMatchObject({ code: 'DISK_FULL' })
      expect((await log.snapshot('r', 't'))!.step).toBe(step - 1)
      expect((await log.info('r.alerts')).ends).toEqual([step])
      rmSync(join(disk, 'filler'))
      await commit(1_500_000)
      expect((await log.snapshot('r', 't'))!.bytes.length).toBe(1_500_000)
      await log.close()
      const again = await openEmbedded(join(disk, 'log'))
      expect((await again.snapshot('r', 't'))!.bytes).toEqual(new Uint8Array(1_500_000).fill(step))
      expect((await again.info('r.alerts')).ends).toEqual([step + 1])
      await again.close()
    })
  })

  test('has no room for a new log, and says so', async () => {
    await withSmallDisk(64 * 1024, async (disk) => {
      writeFileSync(join(disk, 'filler'), new Uint8Array(60 * 1024))
      await expect(
        openEmbedded(join(disk, 'log')).then(async (log) => {
          const writer = await log.writer({ run: 'r', market: true })
          await writer.commit({ outputs: [tradesOf(0, 5000)] })
        }),
      ).rejects.toMatchObject({ code: 'DISK_FULL' })
    })
  })
})

testWith('tmpfs', 'a folder that cannot be written to is read, and refuses writers by name', async () => {
  await withSmallDisk(8 * 2 ** 20, async (disk) => {
    cpSync(sound, join(disk, 'log'), { recursive: true })
    const dir = join(disk, 'log')
    expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0)
    const log = await openEmbedded(dir, { readOnly: true })
    expect((await idsRead(log, 'market.trades')).length).toBe(480)
    await expect(log.writer({ run: 'r' })).rejects.toMatchObject({ code: 'FOLDER_READ_ONLY' })
    await log.close()
    await expect(openEmbedded(dir)).rejects.toMatchObject({ code: 'FOLDER_READ_ONLY' })
    await expect(openEmbedded(join(disk, 'new'))).rejects.toMatchObject({ code: 'FOLDER_READ_ONLY' })
  })
})

describe('the folder', () => {
  test('of another format version is refused', async () => {
    const dir = copyOf('version')
    writeFileSync(join(dir, 'format'), 'smartspeed log 99\n')
    for (const readOnly of [true, false]) {
      await expect(openEmbedded(dir, { readOnly })).rejects.toMatchObject({
        code: 'FORMAT_VERSION',
        message: expect.stringContaining('smartspeed log 99'),
      })
    }
  })

  test('that is not there is not made by a reader', async () => {
    const dir = join(folder, 'nowhere')
    await expect(openEmbedded(dir, { readOnly: true })).rejects.toMatchObject({ code: 'NO_DATA' })
    await expect(salvage(dir)).rejects.toMatchObject({ code: 'NO_DATA' })
    expect(existsSync(dir)).toBe(false)
  })

  test('that is a file is named', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'text')
    await expect(openEmbedded(path)).rejects.toMatchObject({ code: 'IO_FAILED' })
  })

  test('left in order holds what was closed last, not what was opened', async () => {
    const dir = copyOf('order')
    const first = await openEmbedded(dir)
    const second = await openEmbedded(dir)
    const writer = await first.writer({ run: 'q' })
    await writer.commit({ outputs: [alertsOf([1])] })
    expect(readdirSync(dir)).not.toContain('clean')
    await first.close()
    expect(readdirSync(dir)).not.toContain('clean')
    await second.close()
    expect(readdirSync(dir)).toContain('clean')
    expect((await probe(dir)).topics['q.alerts']!.rows.length).toBe(1)
  })
})

function copyOf(name: string): string {
  const dir = join(folder, name)
  cpSync(sound, dir, { recursive: true })
  return dir
}

async function expectTrades(log: Topics, count: number): Promise<void> {
  expect(await idsRead(log, 'market.trades')).toEqual(Array.from({ length: count }, (_, i) => i))
}

async function untilFault(work: () => Promise<void>): Promise<unknown> {
  for (let i = 0; i < 1000; i++) {
    try {
      await work()
    } catch (error) {
      return error
    }
  }
  throw new Error('the disk never filled up')
}
