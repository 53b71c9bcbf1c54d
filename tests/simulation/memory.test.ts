// B7: memory is flat, whatever the length of the data and the number of trials.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perpetual } from '../../operators/portfolio/samples.ts'
import { random } from '../../operators/random.ts'
import { batchOf } from '../../schemas/batch.ts'
import { openTopics } from '../../topics/index.ts'
import { tickTopologies } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { simulateTo } from '../market.ts'
import type { SweepOrder } from './memory-child.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-memory-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const minutes = [1.5, 15] as const
const logs = minutes.map((length) => join(root, `log-${length}`))
/** Of any work, MB; the product's bound for any replay is 512 (DESIGN §10). */
const most = 300
/** Of a sweep, kB a trial: what its search and the count of trials remember of it, 0.9 with a heap's slack; with its row it is 1.9. */
const mostOfTrial = 1.2
/** What ten times the data may take more: an import inflates up to 32 MB ahead, and V8 lets a heap grow before it collects it. */
const moreAtMost = 128

describeWith('time', 'ten times the data takes no more memory', () => {
  let imports: Said[]

  beforeAll(async () => {
    imports = []
    for (const [i, length] of minutes.entries()) {
      const file = join(root, `market-${length}.gz`)
      await simulateTo(file, { seed: 41, minutes: length })
      imports.push(await child(logs[i]!, 'import', [file]))
    }
  }, 120_000)

  test('B7: to import', () => flat(imports))

  test.each(Object.entries(tickTopologies))('B7: to trade: %s', async (_name, topology) => {
    const on = { ...topology, exchange: 'binance-usdm', symbols: ['BTCUSDT'] }
    flat([await child(logs[0]!, 'backtest', on), await child(logs[1]!, 'backtest', on)])
  })
})

describeWith('time', 'ten times the trials take what is remembered of each, and no rows', () => {
  test('B7: to sweep over columns', async () => {
    const said: Said[] = []
    for (const [name, axes] of Object.entries({
      few: ['fast=2:41', 'slow=202:601'],
      many: ['fast=2:201', 'slow=202:1001'],
    })) {
      const dir = join(root, name)
      await writeCandles(dir, 1_200)
      const strategy = { name: 'sma-cross', params: { size: 0.1 } }
      const topology = { exchange: 'binance-usdm', symbols: ['SOLUSDT'], risk: 'off' as const, strategy }
      said.push(await child(dir, 'sweep', { topology, axes } satisfies SweepOrder))
    }
    const [few, many] = said as [Said, Said]
    console.log(`B7: ${few.rows} trials ${few.peakMb} MB, ${many.rows} trials ${many.peakMb} MB`)
    expect([few.rows, many.rows]).toEqual([16_000, 160_000])
    expect((1000 * (many.peakMb - few.peakMb)) / (many.rows - few.rows)).toBeLessThan(mostOfTrial)
  }, 180_000)
})

/** Minutes of a walk on ticks of 0.01. */
async function writeCandles(dir: string, minutes: number): Promise<void> {
  const [minuteUs, start] = [60_000_000, 1_704_067_200_000_000]
  const market = { exchange: 'binance-usdm', symbol: 'SOLUSDT' }
  const { below } = random('memory')
  let ticks = 10_000
  const candles = Array.from({ length: minutes }, (_, bar) => {
    const open = ticks / 100
    ticks += below(41) - 20
    const close = ticks / 100
    const openTime = start + bar * minuteUs
    const known = { time: openTime + minuteUs, received: openTime + minuteUs, openTime, interval: '1m' }
    return { ...market, ...known, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: 1000 }
  })
  const row = perpetual({ ...market, tickSize: 0.01, lotSize: 0.1, time: start, received: start })
  const topics = await openTopics({ dir })
  const writer = await topics.writer({ run: 'candles', market: true })
  await writer.commit({ outputs: [batchOf('instruments', [row]), batchOf('candles', candles)] })
  await writer.close()
  await topics.close()
}

interface Said {
  readonly peakMb: number
  readonly rows: number
}

function flat([short, long]: readonly Said[]): void {
  console.log(`B7: ${short!.rows} rows ${short!.peakMb} MB, ${long!.rows} rows ${long!.peakMb} MB`)
  expect(long!.rows).toBeGreaterThan(7 * short!.rows)
  expect(long!.peakMb).toBeLessThan(most)
  expect(long!.peakMb - short!.peakMb).toBeLessThan(moreAtMost)
}

async function child(dir: string, what: string, argument: unknown): Promise<Said> {
  const file = join(import.meta.dirname, 'memory-child.ts')
  const args = ['--no-warnings', file, dir, what, JSON.stringify(argument)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Said
}
