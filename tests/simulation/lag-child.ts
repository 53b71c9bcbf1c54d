// A process that works on a task as told: so many rows a step, so long between two, or not at all. It follows the trades of one symbol.
// Arguments: options of `openTopics` as JSON, run. Orders come by messages of its parent.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch } from '../../schemas/batch.ts'
import type { JournalEntry } from '../../schemas/records.generated.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'

export interface Pace {
  /** Rows of a step, at most. */
  readonly rows: number
  readonly everyMs: number
  /** Keeps its place among the members, and commits nothing. */
  readonly hang?: boolean
  /** Gives its place back, and ends. */
  readonly leave?: boolean
}

export const topic = 'market.trades'
export const task = 'trading-0'

/** The rows of a step behind an offset. */
async function nextRows(topics: Topics, offset: number, most: number): Promise<Batch<'trades'> | undefined> {
  const { ends } = await topics.info(topic)
  const to = { offsets: [Math.min(ends[0]!, offset + most)] }
  for await (const { batch } of topics.read<'trades'>(topic, { from: { offsets: [offset] }, to })) return batch
  return undefined
}

/** Says so when it begins to hang: what is fed from then on it does not take. */
async function work(topics: Topics, writer: Writer, pace: () => Pace): Promise<void> {
  let hung = false
  const progress = (await topics.tasks(writer.run)).find((one) => one.task === task)
  let offset = progress?.positions[0]?.offset ?? 0
  for (let step = (progress?.step ?? 0) + 1; ; ) {
    const { rows: most, everyMs, hang = false, leave = false } = pace()
    if (leave) return
    if (hang && !hung) process.send?.('hangs')
    hung = hang
    const batch = hang ? undefined : await nextRows(topics, offset, most)
    if (batch !== undefined) {
      offset += batch.rows
      const received = batch.columns.received[batch.rows - 1]!
      const journal: JournalEntry = {
        ...{ time: received, received, exchange: '', symbol: '', run: writer.run, task, step, rows: batch.rows },
        ...{ positions: [{ topic, partition: 0, offset }], outputs: [], cursor: 'null', firstReceived: received },
        ...{ lastReceived: received, hash: '', codeHash: 'c', configHash: 'c' },
      }
      await writer.commit({ outputs: [], journal, task })
      step++
    }
    await sleep(everyMs)
  }
}

if (process.argv[1] === import.meta.filename) {
  const [options, run] = process.argv.slice(2) as [string, string]
  let pace: Pace = { rows: 1000, everyMs: 50 }
  process.on('message', (told: Pace) => {
    pace = told
  })
  process.on('disconnect', () => process.exit(1))
  const topics = await openTopics(JSON.parse(options))
  const member = await topics.join({ run, tasks: 1, changed: async () => {} })
  process.send?.('ready')
  // On a busy machine a member may be taken for dead, and given the task anew.
  for (let done = false; !done; await sleep(20)) {
    if (!member.tasks.includes(0)) continue
    try {
      const writer = await topics.writer({ run, task: { task, partition: 0, confirm: () => member.confirm(0) } })
      await work(topics, writer, () => pace).finally(() => writer.close())
      done = true
    } catch (error) {
      if ((error as { code?: string }).code !== 'LEASE_HELD') throw error
    }
  }
  await member.leave()
  await topics.close()
  process.exit(0)
}
