// T13 for foreign files: a load that is killed at any instant, and started again each time, writes what an undisturbed one writes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { random } from '../../operators/random.ts'
import { hashTopic } from '../../topics/hash.ts'
import { openTopics } from '../../topics/index.ts'
import { testWith } from '../data.ts'
import type { LoadOrder } from './load-child.ts'
import { readMarks } from './mortal.ts'

const kills = Number(process.env.SMARTSPEED_KILLS ?? 7)
const seed = process.env.SMARTSPEED_SEED ?? '1'
const folder = mkdtempSync(join(tmpdir(), 'smartspeed-load-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Trades without ids, several of one second and some alike; quotes without ids; a book with and one without update ids; bad lines. */
function files(): LoadOrder['files'] {
  const dice = random(`files ${seed}`)
  const whole = (n: number) => Math.floor(dice.next() * n)
  const write = (name: string, header: string, line: (time: number, n: number) => string): string => {
    let time = 1_600_000_000_000_000
    const lines = Array.from({ length: 3000 }, (_, n) => {
      time += whole(3) * 1_000_000 + whole(2) * 1000
      return n % 500 === 77 ? `nothing ${n}` : line(time, n)
    })
    writeFileSync(join(folder, name), `${header}${lines.join('\n')}\n`)
    return join(folder, name)
  }
  const trades = write('trades.csv', '', (time) => `${Math.floor(time / 1e6)},${100 + whole(3)},${1 + whole(2)}`)
  const at = (time: number) => `deribit,BTC-PERPETUAL,${time},${time + 3000}`
  const common = 'exchange,symbol,timestamp,local_timestamp'
  const quotes = write('quotes.csv', `${common},ask_amount,ask_price,bid_price,bid_amount\n`, (time) => {
    return `${at(time)},${1 + whole(2)},10001,10000,${1 + whole(2)}`
  })
  const books = write('books.csv', `${common},is_snapshot,side,price,amount\n`, (time, n) => {
    return `${at(time)},${n % 400 === 0},bid,${9000 + whole(9)},${whole(3)}`
  })
  const depth = write(
    'depth.csv',
    'timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n',
    (time, n) => {
      return `${time},${n * 2},${n * 2 + 1},b,${n === 0 ? 'snap' : 'set'},${9000 + whole(9)},${whole(3)},${n * 2 - 1}`
    },
  )
  const deribit = { format: 'tardis', exchange: 'deribit', symbol: 'BTC-PERPETUAL' }
  return [
    { file: trades, record: 'trades', format: 'kraken-archive', exchange: 'kraken', symbol: 'BCHEUR' },
    { ...deribit, file: quotes, record: 'quotes' },
    { ...deribit, file: books, record: 'books' },
    { file: depth, record: 'books', format: 'binance-archive', exchange: 'binance-usdm', symbol: 'BTCUSDT' },
  ]
}

testWith(
  'time',
  `T13: killed ${kills} times at seeded instants, and started again, a load loses nothing and adds nothing twice`,
  async () => {
    const order = { files: files(), stepRows: 300 }
    const before = performance.now()
    const usual = start(join(folder, 'undisturbed'), order)
    const wholeUs = (performance.now() - before) * 1000
    const undisturbed = await outputsOf(join(folder, 'undisturbed'))
    expect(undisturbed).toMatchObject({ trades: { rows: 2994 }, 'dead-letters': { rows: 24 } })
    const dice = random(`load kills ${seed}`)
    for (let log = 0, died = 0; died < kills; log++) {
      const dir = join(folder, `log-${log}`)
      for (let attempt = 0; ; attempt++) {
        const [share, commit] = [dice.next(), 1 + Math.floor(dice.next() * 30)]
        const inCommit = { commit, afterUs: share * 2 * usual.commitUs }
        const kill =
          attempt >= 6 || died >= kills
            ? undefined
            : died % 3 === 0
              ? { commit: 0, afterUs: share * wholeUs }
              : inCommit
        if (start(dir, { ...order, kill, stepRows: [300, 100, 1000][attempt % 3]! }).done) break
        died++
      }
      expect(await outputsOf(dir), `log ${log}, seed ${seed}`).toEqual(undisturbed)
    }
  },
  100_000 + kills * 10_000,
)

function start(dir: string, order: LoadOrder): { done: boolean; commitUs: number } {
  const marks = join(folder, 'marks')
  const child = join(import.meta.dirname, 'load-child.ts')
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', child, dir, marks, JSON.stringify(order)],
    { encoding: 'utf8' },
  )
  const { commitsMs } = readMarks(marks)
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(`load ended with ${status ?? signal}: ${stderr}`)
  return { done: status === 0, commitUs: 1000 * (commitsMs.sort((a, b) => a - b)[commitsMs.length >> 1] ?? 0) }
}

/** Rows and hash of every market topic. */
async function outputsOf(dir: string): Promise<Record<string, { rows: number; hash: string }>> {
  const topics = await openTopics({ engine: 'embedded', dir })
  try {
    const found: Record<string, { rows: number; hash: string }> = {}
    for (const { name, record } of await topics.list()) {
      const { rows, hash } = await hashTopic(topics, name)
      found[record] = { rows, hash }
    }
    return found
  } finally {
    await topics.close()
  }
}
