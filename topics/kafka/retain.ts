// Space back: runs that are removed, and rows that retention no longer keeps.
import { catalogue, physicalName } from '../../schemas/catalogue.ts'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { checkRun } from '../embedded/names.ts'
import { sayFault } from './faults.ts'
import { newSession } from './lease.ts'
import { type Block, endOf, type Key, ledgerRecord, liveBlocks } from './ledger.ts'
import { persist } from './producer.ts'
import type { WriterContext } from './writer.ts'

type Context = Pick<WriterContext, 'client' | 'ledger' | 'leases' | 'members' | 'names' | 'registry'>

/** Deletes a run whole: first what says that it is there, then its topics. @throws SmartspeedError RUN_MISSING, LEASE_HELD */
export async function removeRun(context: Context, run: string): Promise<void> {
  const { client, ledger, leases, members, names, registry } = context
  checkRun(run)
  if (!ledger.runs.has(run)) {
    const near = nearest(run, [...ledger.runs.keys()].sort())
    throw new SmartspeedError('RUN_MISSING', `there is no run ${run}`, {
      fix: near === undefined ? 'npx smartspeed runs   (lists them)' : `did you mean "${near}"?`,
    })
  }
  const session = newSession()
  try {
    await leases.take(run, run, session)
    try {
      await members.demandNone(run)
      await ledger.table.catchUp()
      const tasks = ledger.progress(run).map(({ task }) => task)
      const topics = [...ledger.topics].filter(([, entry]) => entry.run === run).map(([name]) => name)
      const own = new Set(topics)
      const keys = ledger.keysOf((key) => {
        const [kind, name] = key
        const ofTopic = kind === 'topic' || kind === 'block' || kind === 'start'
        return ofTopic ? own.has(name) : name === run
      })
      await forget(context, keys)
      await ledger.table.catchUp()
      await persist(() => client.deleteTopics([...topics.map(names.topic), names.tasks(run)]))
      for (const group of [names.group(run), ...tasks.map((task) => names.positions(run, task))]) {
        await persist(() => client.deleteGroup(group))
      }
      // Also of what it was expected to write, and did not.
      const possible = catalogue.filter(({ scope }) => scope === 'run').map(({ name }) => physicalName(name, run))
      const subjects = new Set([...topics, ...possible].map(names.subject))
      await Promise.all([...subjects].map((subject) => registry.remove(subject)))
    } finally {
      await leases.release(run, session)
    }
  } catch (error) {
    throw sayFault(`removing run ${run}`, error)
  }
}

/** Deletes entries, each where it lies; those of one partition go at once. */
async function forget({ client, ledger, names }: Context, keys: readonly Key[]): Promise<void> {
  const places = new Map<number, Key[]>()
  for (const key of keys) {
    const place = ledger.placeOf(key)
    if (place !== undefined) places.set(place, [...(places.get(place) ?? []), key])
  }
  for (const [partition, gone] of places) {
    const records = gone.map((key) => ledgerRecord(key, null))
    const part = { topic: names.ledger, partition, records, timestamp: Date.now(), sequence: 0 }
    await persist(() => client.produce([part]))
  }
}

/** Hides rows written longer ago than their topic is kept, and snapshots that nobody can ask for; then the broker deletes them. */
export async function retain(context: Context, now: number, dryRun: boolean): Promise<{ rows: number; bytes: number }> {
  const { ledger } = context
  let rows = 0
  let bytes = 0
  for (const [topic, { retentionMs, partitions, run, record }] of ledger.topics) {
    for (let partition = 0; partition < partitions; partition++) {
      const lane = ledger.lane(topic, partition)
      const kept = record === 'snapshots' && run !== undefined ? firstSnapshotRow(context, run, partition) : undefined
      const isOld = ({ row, rows, written }: Block) =>
        kept !== undefined ? row + rows <= kept : retentionMs !== undefined && written < now - retentionMs
      const live = liveBlocks(lane)
      const young = live.findIndex((block) => !isOld(block))
      const old = young < 0 ? live : live.slice(0, young)
      if (old.length === 0) continue
      if (kept === undefined) {
        rows += old.reduce((sum, block) => sum + block.row + block.rows - Math.max(block.row, lane.start), 0)
      }
      bytes += old.reduce((sum, block) => sum + block.bytes, 0)
      if (!dryRun) await hide(context, topic, partition, old, live[old.length])
    }
  }
  if (!dryRun) await ledger.table.refresh()
  return { rows, bytes }
}

/** The first row that a snapshot which is kept needs. */
function firstSnapshotRow({ ledger }: Context, run: string, partition: number): number | undefined {
  const rows = ledger
    .tasksOf(run)
    .flatMap((task) => ledger.snapshots(run, task))
    .filter(([, entry]) => entry.partition === partition)
    .map(([, { row }]) => row)
  return rows.length === 0 ? undefined : Math.min(...rows)
}

async function hide(
  context: Context,
  topic: string,
  partition: number,
  old: readonly Block[],
  next: Block | undefined,
): Promise<void> {
  const { client, ledger, names } = context
  const last = old.at(-1)!
  const start = next?.row ?? endOf(ledger.lane(topic, partition))
  const owner = ledger.topics.get(topic)?.run ?? 'market'
  const key: Key = ['start', topic, partition]
  const home = ledger.placeOf(key) ?? ledger.partitionOf(owner)
  const record = ledgerRecord(key, start)
  const part = { topic: names.ledger, partition: home, records: [record], timestamp: Date.now(), sequence: 0 }
  await persist(() => client.produce([part]))
  // The last one may be growing at this moment; it says how far rows are numbered.
  const gone = (next === undefined ? old.slice(0, -1) : old).map(
    (block): Key => ['block', topic, partition, block.number],
  )
  await forget(context, gone)
  const offset = next?.offset ?? last.end
  await persist(() => client.deleteRecords([{ topic: names.topic(topic), partition, offset }]))
}
