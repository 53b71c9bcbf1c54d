// Ten markets of two exchanges for the topology docs/portfolio.yaml: eight simulated perpetuals, and the spot markets of two of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importWriter } from '../pipelines/market-writer.ts'
import { type Batch, batchOf } from '../schemas/batch.ts'
import type { RecordName, Rows } from '../schemas/records.generated.ts'
import { openTopics } from '../topics/index.ts'
import { rowsIn } from './backtests.ts'
import { importInto, simulateTo } from './market.ts'

const perpetuals = ['ADA', 'AVAX', 'BNB', 'BTC', 'DOGE', 'ETH', 'SOL', 'XRP'].map((base) => `${base}USDT`)
const spots = ['BTCUSDT', 'ETHUSDT']
/** Spot follows its perpetual so much later. */
const lateUs = 200_000
/** No books: spot updates are numbered otherwise, and best prices are enough. */
const records = ['instruments', 'clocks', 'trades', 'quotes', 'heartbeats'] satisfies readonly RecordName[]

/** Fills the log `dir` with so many minutes of them. */
export async function importPortfolio(dir: string, minutes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-portfolio-'))
  try {
    const files: string[] = []
    for (const symbol of perpetuals) {
      const file = join(folder, `${symbol}.gz`)
      await simulateTo(file, { seed: 8, minutes, symbol, crash: false })
      files.push(file)
    }
    for (const file of files) await importInto(dir, [file], 'binance-usdm')
    await addSpots(dir)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function addSpots(dir: string): Promise<void> {
  const topics = await openTopics({ dir })
  const writer = await importWriter(topics)
  try {
    for (const record of records) {
      const rows = (await rowsIn(topics, record)).flatMap((row) => spotOf(row) ?? [])
      for (let at = 0; at < rows.length; at += 8192) {
        const batch = batchOf(record, rows.slice(at, at + 8192) as Rows[typeof record][]) as Batch
        await writer.commit({ outputs: [batch] })
      }
    }
  } finally {
    await writer.close()
    await topics.close()
  }
}

function spotOf(row: Rows[(typeof records)[number]]) {
  if ('symbol' in row && row.symbol !== '' && !spots.includes(row.symbol)) return undefined
  const later = { exchange: 'binance', time: row.time + lateUs, received: row.received + lateUs }
  const type = 'contractSize' in row ? { type: 'spot' as const } : {}
  const watermark = 'watermark' in row ? { watermark: row.watermark + lateUs } : {}
  return { ...row, ...later, ...type, ...watermark }
}
