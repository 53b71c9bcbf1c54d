// How fast does the embedded engine write trades durably, and give them back? Beside a file that is only written and synced.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, maxBatchRows } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type Bench, type Figure, mustEqual, timed } from './bench.ts'
import { trades } from './trades.ts'

const rows = 4_194_304
const topic = 'market.trades'

export const embedded: Bench = {
  name: 'embedded',
  question: 'trades through the embedded engine: every step synced before the next, then all read back',
  async run({ share, folder }) {
    const count = Math.ceil((rows * share) / 65_536) * 65_536
    const figures: Figure[] = []
    let bytesPerRow = 0
    for (const [perStep, pass] of [
      [8192, 2.9],
      [65_536, 5],
    ] as const) {
      const topics = await openTopics({ dir: join(folder, String(perStep)) })
      const rate = await write(topics, count, perStep)
      figures.push({ what: `written in steps of ${perStep}`, value: rate, unit: 'M rows/s', pass, at: 'least' })
      if (perStep === 65_536) figures.push(...(await readBack(topics, count)))
      bytesPerRow = (await topics.info(topic)).bytes / count
      await topics.close()
    }
    figures.push({ what: 'bytes a row', value: bytesPerRow, unit: '' })
    const alone = disk(folder, count, Math.round(bytesPerRow * maxBatchRows))
    figures.push({ what: 'the disk alone, a block and a sync', value: alone, unit: 'M rows/s' })
    return figures
  },
}

/** Millions of rows a second. */
async function write(topics: Topics, count: number, perStep: number): Promise<number> {
  const writer = await topics.writer({ run: 'bench', market: true })
  const steps = Array.from({ length: 8 }, (_, i) => step(i * perStep, perStep))
  const { ms } = await timed(async () => {
    for (let i = 0; i < count / perStep; i++) await writer.commit({ outputs: steps[i % steps.length]! })
  })
  await writer.close()
  mustEqual('rows written', (await topics.info(topic)).ends, [count])
  return count / ms / 1000
}

async function readBack(topics: Topics, count: number): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const order of ['offset', 'received'] as const) {
    let read = 0
    let checked = 0
    // Every pass of the eight steps starts over in time; in order of offset nothing has to be merged.
    const to = { offsets: [order === 'offset' ? count : Math.min(count, 8 * 65_536)] }
    const { ms } = await timed(async () => {
      for await (const { batch } of topics.read<'trades'>(topic, { order, to })) {
        read += batch.rows
        checked += batch.columns.price[batch.rows - 1]!
      }
    })
    mustEqual('rows read', read, to.offsets[0])
    mustEqual('prices are numbers', Number.isFinite(checked), true)
    const pass = order === 'offset' ? 20 : undefined
    figures.push({ what: `read by ${order}`, value: read / ms / 1000, unit: 'M rows/s', pass, at: 'least' })
  }
  figures.push({
    what: 'memory of the process',
    value: process.memoryUsage().rss / 1e6,
    unit: 'MB',
    pass: 512,
    aim: 256,
  })
  return figures
}

/** What the same number of bytes costs when they are only written and synced, a block at a time. */
function disk(folder: string, count: number, bytesPerBlock: number): number {
  const block = new Uint8Array(bytesPerBlock)
  const fd = openSync(join(folder, 'plain'), 'w')
  const from = performance.now()
  for (let i = 0; i < count / maxBatchRows; i++) {
    writeSync(fd, block, 0, block.length, i * block.length)
    fdatasyncSync(fd)
  }
  const ms = performance.now() - from
  closeSync(fd)
  return count / ms / 1000
}

function step(from: number, count: number): Batch[] {
  const batches: Batch[] = []
  for (let at = from; at < from + count; at += maxBatchRows) batches.push(trades(at, Math.min(maxBatchRows, count)))
  return batches
}
