// B7: memory is flat, whatever the length of the data.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tickTopologies } from '../backtests.ts'
import { describeWith } from '../data.ts'
import { simulateTo } from '../market.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-memory-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const minutes = [1.5, 15] as const
const logs = minutes.map((length) => join(root, `log-${length}`))
/** Of any work, MB; the product's bound for any replay is 512 (DESIGN §10). */
const most = 300
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
