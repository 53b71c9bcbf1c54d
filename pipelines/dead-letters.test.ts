import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { binanceUsdm } from '../connectors/exchanges/binance/index.ts'
import { batchOf, rowAt } from '../schemas/batch.ts'
import type { DeadLetter, RecordName, Rows } from '../schemas/records.generated.ts'
import { openEmbedded } from '../topics/embedded/embedded.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { deadLetters, redrive } from './dead-letters.ts'
import { importFiles } from './ingest.ts'
import { loadCandles } from './load-candles.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-dead-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0

async function withLog(work: (topics: Topics) => Promise<void>): Promise<void> {
  const topics = await openEmbedded(join(folder, `log${folders++}`))
  try {
    await work(topics)
  } finally {
    await topics.close()
  }
}

async function rows<T extends RecordName>(topics: Topics, record: T): Promise<Rows[T][]> {
  const list: Rows[T][] = []
  for await (const { merged } of replay(topics, { inputs: [{ topic: `market.${record}` }] })) {
    for (let at = 0; at < merged.rows; at++) {
      list.push(rowAt(merged.sources[merged.source[at]!]!, merged.row[at]!) as Rows[T])
    }
  }
  return list
}

function tradeText(id: number): string {
  return `{"e":"trade","E":${1000 + id},"T":${1000 + id},"s":"BTCUSDT","t":${id},"p":"61800.10","q":"0.5","X":"MARKET","m":false}`
}

/** Imports trades 1…3, received 1 ms after they happened, and a line that nobody can read. */
async function importSome(topics: Topics): Promise<void> {
  const file = join(folder, 'capture')
  const lines = [1, 2, 3].map((id) => `${(1001 + id) * 1_000_000} ${tradeText(id)}`)
  writeFileSync(file, `${[...lines, '1005000000 {"e":"holiday"}'].join('\n')}\n`)
  await importFiles({ topics, files: [file], exchange: binanceUsdm, seconds: () => 0 })
}

/** Adds a dead letter as a parser that did not know trades would have left it. */
async function leave(topics: Topics, text: string, received: number): Promise<void> {
  const letter: DeadLetter = {
    ...{ time: received, received, exchange: 'binance-usdm', symbol: '', source: 'binance-usdm:capture' },
    ...{
      reason: 'MESSAGE_UNKNOWN',
      message: 'unknown',
      bytes: new TextEncoder().encode(text),
      connection: 'capture',
      attempts: 1,
    },
  }
  const writer = await topics.writer({ run: 'import', market: true })
  await writer.commit({ outputs: [batchOf('dead-letters', [letter])] })
  await writer.close()
}

describe('dead letters', () => {
  test('M6: are counted by reason, and those that can be read now are published at their receive time, once', () =>
    withLog(async (topics) => {
      await importSome(topics)
      await leave(topics, tradeText(4), 1_005_500)
      expect((await deadLetters(topics)).open.map(({ reason }) => reason)).toEqual([
        'MESSAGE_UNKNOWN',
        'MESSAGE_UNKNOWN',
      ])
      expect(await redrive(topics, {})).toEqual({
        redriven: 1,
        published: { trades: 1 },
        failed: { MESSAGE_UNKNOWN: 1 },
      })
      const trades = await rows(topics, 'trades')
      expect(trades.map(({ id, received }) => [id, received])).toEqual([
        ['1', 1_002_000],
        ['2', 1_003_000],
        ['3', 1_004_000],
        ['4', 1_005_500],
      ])
      expect(await redrive(topics, {})).toEqual({ redriven: 0, published: {}, failed: { MESSAGE_UNKNOWN: 1 } })
      expect(await rows(topics, 'trades')).toHaveLength(4)
      const { open, redriven } = await deadLetters(topics)
      expect([open.length, redriven]).toEqual([1, 1])
    }))

  test('M5: a redriven message whose rows are there already closes its letter and adds nothing; a later import adds nothing either', () =>
    withLog(async (topics) => {
      await importSome(topics)
      await leave(topics, tradeText(2), 1_003_000)
      expect(await redrive(topics, {})).toMatchObject({ redriven: 1, published: {} })
      await leave(topics, tradeText(5), 1_006_000)
      await redrive(topics, {})
      await importSome(topics)
      expect((await rows(topics, 'trades')).map(({ id }) => id)).toEqual(['1', '2', '3', '5'])
      expect(await rows(topics, 'clocks')).toHaveLength(1)
    }))

  test('a price that cannot be is refused again', () =>
    withLog(async (topics) => {
      await importSome(topics)
      await leave(topics, tradeText(6).replace('61800.10', '0.0000001'), 1_006_000)
      expect(await redrive(topics, {})).toMatchObject({ redriven: 0, failed: { MESSAGE_UNKNOWN: 2 } })
      expect(await rows(topics, 'trades')).toHaveLength(3)
    }))

  test('a line of a candle file is closed when the file is loaded again and the line can be read', () =>
    withLog(async (topics) => {
      const file = join(folder, 'candles.csv')
      const load = () =>
        loadCandles(topics, {
          file,
          exchange: 'binance-usdm',
          symbol: 'BTCUSDT',
          interval: { name: '1m', us: 60_000_000 },
        })
      const head = 'open_time_ms,open,high,low,close\n60000,1,1,1,1\n'
      writeFileSync(file, `${head}120000,1,1,1,?\n`)
      await load()
      expect((await deadLetters(topics)).open).toHaveLength(1)
      expect(await redrive(topics, {})).toMatchObject({ failed: { MESSAGE_UNREADABLE: 1 } })
      writeFileSync(file, `${head}120000,1,1,1,2\n`.replace('1,1,1,2', '1,2,1,2'))
      expect(await load()).toMatchObject({ rows: 1, deadLetters: 0 })
      expect(await deadLetters(topics)).toEqual({ open: [], redriven: 1 })
    }))

  test('a topic that was never written has none', () =>
    withLog(async (topics) => {
      expect(await deadLetters(topics)).toEqual({ open: [], redriven: 0 })
    }))
})
