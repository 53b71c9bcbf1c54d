// LMDB as one sorted table of sealed values: each carries a CRC-32C over its key and itself, since LMDB has no checksums.
import { type Key, open, type RootDatabase } from 'lmdb'
import { crc32c } from '../../native/index.ts'
import { corrupt, faultOf } from './faults.ts'

/** A key: the kind of entry, then what it is found by. Sorted element by element. */
export type EntryKey = readonly [kind: string, ...parts: (string | number)[]]

export interface Entry {
  readonly key: EntryKey
  readonly value: Buffer
}

export interface Table {
  get(key: EntryKey): Buffer | undefined
  json<T>(key: EntryKey): T | undefined
  /** Up to `limit` entries whose keys begin with `prefix`, from `from` on (inclusive). */
  range(prefix: EntryKey, from?: EntryKey, limit?: number): Entry[]
  /** The last entry whose key begins with `prefix` and is at or before `to`. */
  lastAtOrBefore(prefix: EntryKey, to: EntryKey): Entry | undefined
  /** All entries whose keys begin with `prefix`, read in pieces. */
  scan(prefix: EntryKey): Generator<Entry>
  /** Sees what other processes committed since. */
  renew(): void
  /** Another number after each transaction, of any process. */
  version(): number
  /** All or nothing, and on the disk when it returns. `put` and `remove` may be called inside alone. */
  transaction<T>(work: () => T): T
  put(key: EntryKey, value: Uint8Array): void
  putJson(key: EntryKey, value: unknown): void
  remove(key: EntryKey): void
  close(): Promise<void>
}

const maxReaders = 500

/** Bytes of the file in which LMDB keeps its locks and readers: 64 each, and as many before them. */
export const lockFileBytes = 64 * (maxReaders + 2)

/** Address space, not memory: what the index may grow to. */
const mapSize = 2 ** 35

/** Opens (and creates, unless `readOnly`) the table in one file. */
export function openTable(dir: string, path: string, { readOnly }: { readOnly: boolean }): Table {
  let db: RootDatabase<Buffer, Key>
  try {
    db = open<Buffer, Key>({
      path,
      readOnly,
      mapSize,
      encoding: 'binary',
      cache: false,
      noSubdir: true,
      maxReaders,
      // A commit has returned only when its pages and its meta page are on the disk.
      overlappingSync: false,
    })
  } catch (cause) {
    throw faultOf(dir, `opening ${path}`, cause)
  }
  // Readers that were killed would keep old pages from being used again.
  if (!readOnly) db.readerCheck()
  return tableOf(dir, db)
}

function tableOf(dir: string, db: RootDatabase<Buffer, Key>): Table {
  const unsealed = (key: EntryKey, value: Buffer): Buffer => {
    const payload = value.subarray(4)
    if (value.length < 4 || value.readUInt32LE(0) !== crcOf(key, payload)) {
      throw corrupt(dir, `the index entry ${JSON.stringify(key)} does not match its checksum`)
    }
    return payload
  }
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      throw faultOf(dir, `the index of ${dir}`, cause)
    }
  }
  const table: Table = {
    get(key) {
      return guarded(() => {
        const value = db.get(raw(key))
        return value === undefined ? undefined : unsealed(key, value)
      })
    },
    json<T>(key: EntryKey): T | undefined {
      const value = table.get(key)
      return value === undefined ? undefined : (JSON.parse(value.toString()) as T)
    },
    range(prefix, from = prefix, limit = 64) {
      return guarded(() => {
        const entries: Entry[] = []
        for (const { key, value } of db.getRange({ start: raw(from), limit })) {
          if (!begins(keyOf(key), prefix)) break
          entries.push({ key: keyOf(key), value: unsealed(keyOf(key), value) })
        }
        return entries
      })
    },
    lastAtOrBefore(prefix, to) {
      return guarded(() => {
        for (const { key, value } of db.getRange({ start: raw(to), reverse: true, limit: 1 })) {
          if (begins(keyOf(key), prefix)) {
            return { key: keyOf(key), value: unsealed(keyOf(key), value) }
          }
        }
        return undefined
      })
    },
    *scan(prefix) {
      let from: EntryKey = prefix
      for (;;) {
        const entries = table.range(prefix, from, 256)
        yield* entries
        if (entries.length < 256) return
        from = after(entries.at(-1)!.key)
      }
    },
    renew() {
      db.resetReadTxn()
    },
    version() {
      return (db.getStats() as { readonly lastTxnId: number }).lastTxnId
    },
    transaction<T>(work: () => T): T {
      return guarded(() => db.transactionSync(work))
    },
    put(key, value) {
      const sealed = Buffer.allocUnsafe(4 + value.length)
      sealed.set(value, 4)
      sealed.writeUInt32LE(crcOf(key, sealed.subarray(4)), 0)
      db.putSync(raw(key), sealed)
    },
    putJson(key, value) {
      table.put(key, Buffer.from(JSON.stringify(value)))
    },
    remove(key) {
      db.removeSync(raw(key))
    },
    async close() {
      await db.close()
    },
  }
  return table
}

/** Keys are never changed, which LMDB's types do not say. */
function raw(key: EntryKey): Key {
  return key as unknown as Key
}

function keyOf(key: Key): EntryKey {
  return key as unknown as EntryKey
}

/** The least key after this one. */
export function after(key: EntryKey): EntryKey {
  return [...key, 0]
}

function crcOf(key: EntryKey, payload: Uint8Array): number {
  return crc32c(payload, crc32c(Buffer.from(JSON.stringify(key))))
}

function begins(key: EntryKey, prefix: EntryKey): boolean {
  if (key.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (key[i] !== prefix[i]) return false
  return true
}
