// Run as a process of its own: reads every entry of an index that was not closed in order, and may die of it (guard.ts).
import { existsSync } from 'node:fs'
import { type Extent, keys, type TopicMeta, unpackEntry } from './entries.ts'
import { indexPath } from './names.ts'
import { openTable, type Table } from './table.ts'

/** @throws SmartspeedError LOG_CORRUPT when an entry does not match its checksum; Error when blocks are missing between others */
export function verify(table: Table): void {
  for (const kind of ['s', 'f', 'r', 'j', 'k', 'w', 'n'] as const) for (const _ of table.scan([kind]));
  for (const { key, value } of table.scan(['t'])) {
    const topic = String(key[1])
    const { partitions } = JSON.parse(value.toString()) as TopicMeta
    for (let partition = 0; partition < partitions; partition++) verifyPartition(table, topic, partition)
  }
}

function verifyPartition(table: Table, topic: string, partition: number): void {
  const extent = table.json<Extent>(keys.extent(topic, partition))
  if (extent === undefined) return
  let expected = extent.start
  let blocks = 0
  for (const { value } of table.scan(['b', topic, partition])) {
    const { offset, rows, gap } = unpackEntry(value)
    if (offset - gap !== expected) throw new Error(`${topic}/${partition} has no block for offset ${expected}`)
    expected = offset + rows
    blocks++
  }
  if (expected !== extent.end) throw new Error(`${topic}/${partition} ends at ${expected}, not at ${extent.end}`)
  for (const _ of table.scan(['m', topic, partition])) blocks--
  if (blocks !== 0) throw new Error(`${topic}/${partition} has blocks without a time`)
}

if (import.meta.main) {
  const dir = process.argv[2]!
  if (existsSync(indexPath(dir))) {
    const table = openTable(dir, indexPath(dir), { readOnly: true })
    try {
      verify(table)
      await table.close()
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`)
      process.exitCode = 1
    }
  }
}
