// What other processes do in the conformance suite: `node child.ts <options of openTopics as JSON> <role> [argument…]`.
import { createHash } from 'node:crypto'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { canonical } from '../../schemas/json.ts'
import { type EngineOptions, openTopics } from '../../topics/index.ts'
import { tradeRow } from './rows.ts'

const [options, role, ...rest] = process.argv.slice(2)
const topics = await openTopics(JSON.parse(options!) as EngineOptions)

/** Says a line to the test that started this process. */
function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

switch (role) {
  /** Reads a topic as it grows, up to so many rows, and says their hash. */
  case 'follow': {
    const [topic, count] = rest
    const hash = createHash('sha256')
    const stop = new AbortController()
    let rows = 0
    say('ready')
    for await (const { batch, offset } of topics.read(topic!, { follow: true, signal: stop.signal })) {
      if (offset !== rows) throw new Error(`offset ${offset} after ${rows} rows`)
      for (const row of rowsOf(batch)) hash.update(canonical(batch.topic, row))
      rows += batch.rows
      if (rows >= Number(count)) stop.abort()
    }
    say(hash.digest('hex'))
    break
  }
  /** Takes the lease of a run and keeps it until it is killed, or told to go. */
  case 'hold': {
    const writer = await topics.writer({ run: rest[0]!, market: rest[1] === 'market' })
    say('ready')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    await writer.close()
    break
  }
  /** Tries to take the lease of a run. */
  case 'take': {
    const code = await topics.writer({ run: rest[0]! }).then(
      (writer) => writer.close().then(() => 'taken'),
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    )
    say(code)
    break
  }
  /** Joins the members of a run, and says which tasks it owns, whenever that changes. */
  case 'join': {
    const changed = async (tasks: readonly number[]) => say(JSON.stringify(tasks))
    await topics.join({ run: rest[0]!, tasks: Number(rest[1]), changed })
    await new Promise((resolve) => process.stdin.once('data', resolve))
    break
  }
  /** Commits steps for ever: three rows of two topics, a journal entry and a snapshot that all say the step. */
  case 'write': {
    const run = rest[0]!
    const writer = await topics.writer({ run, market: true })
    let from = 0
    for await (const { step } of topics.journal(run, 'task')) from = step + 1
    say('ready')
    for (let step = from; ; step++) {
      const rows = [0, 1, 2].map((i) => tradeRow(step * 3 + i))
      await writer.commit(stepOf(run, step, rows))
      say(String(step))
    }
  }
}
await topics.close()
process.exit(0)

function stepOf(run: string, step: number, rows: ReturnType<typeof tradeRow>[]) {
  const alerts = rows.map(({ time, received, exchange, symbol, id }) => ({
    ...{ time, received, exchange, symbol, account: 'main', component: 'test', code: 'STEP', message: id },
    severity: 'info' as const,
  }))
  return {
    outputs: [batchOf('trades', rows), batchOf('alerts', alerts)],
    journal: journalOf(run, step),
    snapshot: Buffer.alloc(700_000, step % 251),
    run: { step },
  }
}

function journalOf(run: string, step: number) {
  const texts = { exchange: '', symbol: '', run, task: 'task', cursor: '', hash: '', codeHash: '', configHash: '' }
  return { time: step, received: step, ...texts, step, rows: 3, positions: [], outputs: [] }
}
