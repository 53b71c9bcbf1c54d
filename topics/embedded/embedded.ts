// The embedded engine: one folder, no server. Segment files of column blocks, and LMDB beside them that says what is committed.
import type { JournalEntry } from '../../schemas/records.generated.ts'
import type { TaskProgress, TopicInfo, Topics, Writer } from '../topics.ts'
import { type Extent, keys, type TopicMeta } from './entries.ts'
import { openFolder } from './folder.ts'
import { isHeld } from './lease.ts'
import { checkPartitions, isMarket, nameOf } from './names.ts'
import { extentOf, readTopic, topicMeta } from './reader.ts'
import { removeRun, retain, wouldRetain } from './retain.ts'
import { sharing } from './sharing.ts'
import { readSnapshot } from './snapshots.ts'
import { waiter } from './waiter.ts'
import { openWatch } from './watch.ts'
import { openWriter } from './writer.ts'

export interface EmbeddedOptions {
  /** Never writes, and needs no right to. */
  readonly readOnly?: boolean
  /** ms since 1970, for the times of writing that retention counts from. */
  readonly clock?: () => number
}

/**
 * Opens the log in a folder; makes it where there is none, unless `readOnly`.
 *
 * @throws SmartspeedError NO_DATA (readOnly, and no log), FORMAT_VERSION, FOLDER_READ_ONLY, DISK_FULL, LOG_CORRUPT
 */
export async function openEmbedded(dir: string, options: EmbeddedOptions = {}): Promise<Topics> {
  const { readOnly = false, clock = Date.now } = options
  const folder = await openFolder(dir, { readOnly })
  const { table } = folder
  const waiting = waiter(dir)
  const writers = new Set<Writer>()
  let closed = false
  const context = {
    dir,
    table,
    clock,
    committed: () => waiting.wake(),
    closed: (writer: Writer) => writers.delete(writer),
  }

  const shared = sharing((run) => openWriter(context, { run }))

  function infoOf(name: string, meta: TopicMeta): TopicInfo {
    const extents = Array.from({ length: meta.partitions }, (_, partition) => extentOf(table, name, partition))
    const sum = (of: (extent: Extent) => number) => extents.reduce((total, extent) => total + of(extent), 0)
    const times = extents.filter(({ rows }) => rows > 0)
    return {
      name,
      record: meta.record,
      run: meta.run,
      partitions: meta.partitions,
      rows: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      first: times.length === 0 ? undefined : Math.min(...times.map(({ first }) => first!)),
      last: times.length === 0 ? undefined : Math.max(...times.map(({ last }) => last!)),
      retentionMs: meta.retentionMs,
      ends: extents.map(({ end }) => end),
    }
  }

  return {
    engine: 'embedded',
    async create(names) {
      folder.writing()
      return table.transaction(() => {
        const created: string[] = []
        const existing: string[] = []
        for (const { record, run, partitions = 1, retentionMs } of names) {
          const name = nameOf(record, run)
          checkPartitions(name, partitions)
          if (table.get(keys.topic(name)) !== undefined) {
            existing.push(name)
            continue
          }
          const meta: TopicMeta = { record, ...(isMarket(record) ? {} : { run }), partitions, retentionMs }
          table.putJson(keys.topic(name), meta)
          if (meta.run !== undefined && table.get(keys.run(meta.run)) === undefined)
            table.putJson(keys.run(meta.run), {})
          created.push(name)
        }
        return { created, existing }
      })
    },
    async list() {
      table.renew()
      return [...table.scan(['t'])].map(({ key, value }) => infoOf(String(key[1]), JSON.parse(value.toString())))
    },
    async info(topic) {
      table.renew()
      return infoOf(topic, topicMeta(table, topic))
    },
    async watch() {
      return openWatch({ table, wait: waiting.wait, closed: () => closed })
    },
    read(topic, options = {}) {
      return readTopic({ dir, table, wait: waiting.wait, closed: () => closed }, topic, options)
    },
    async writer({ task, ...options }) {
      folder.writing()
      if (task !== undefined) return shared.writer({ ...options, task })
      const writer = openWriter(context, options)
      writers.add(writer)
      return writer
    },
    async join(options) {
      folder.writing()
      return shared.join(options)
    },
    async tasks(run) {
      table.renew()
      return [...table.scan(['k', run])].map(({ value }) => JSON.parse(value.toString()) as TaskProgress)
    },
    async *journal(run, task, fromStep = 0) {
      table.renew()
      let from = keys.journal(run, task, fromStep)
      for (;;) {
        const entries = table.range(['j', run, task], from, 64)
        for (const { value } of entries) yield JSON.parse(value.toString()) as JournalEntry
        if (entries.length < 64) return
        from = [...entries.at(-1)!.key, 0]
        table.renew()
      }
    },
    async snapshot(run, task, atStep = Number.MAX_SAFE_INTEGER) {
      table.renew()
      return readSnapshot(dir, table, run, task, atStep)
    },
    async runs() {
      table.renew()
      return [...table.scan(['r'])].map(({ key, value }) => ({
        run: String(key[1]),
        about: (JSON.parse(value.toString()) as { about?: unknown }).about,
      }))
    },
    async removeRun(run) {
      folder.writing()
      removeRun(dir, table, run)
    },
    async held(run) {
      return isHeld(dir, run)
    },
    async retain(now, { dryRun = false } = {}) {
      if (dryRun) return wouldRetain(dir, table, now)
      folder.writing()
      return retain(dir, table, now)
    },
    async close() {
      if (closed) return
      closed = true
      waiting.wake()
      await shared.close()
      for (const writer of [...writers]) await writer.close()
      await folder.close()
    },
  }
}
