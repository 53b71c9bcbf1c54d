// The files that an owner (a run, or one market topic) appends its blocks to, and how readers get at them.
import { closeSync, fdatasync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writev } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type RawBlock, readBlock } from '../../native/segment.ts'
import { corrupt, faultOf } from './faults.ts'
import { segmentPath } from './names.ts'

/** A segment is followed by a new one when it has grown to this. */
export const segmentBytes = 2 ** 28

/** The segment that a writer appends to. */
export interface Appender {
  readonly segment: number
  /** Where the next block goes: what follows has not been committed. */
  readonly end: number
  /** Writes pieces, one after another, behind `end`; durable when resolved. `end` moves with `keep`. */
  append(pieces: readonly Uint8Array[]): Promise<void>
  /** What was appended belongs to a commit. */
  keep(bytes: number): void
  /** What was appended behind `end` does not: its space is given back. */
  drop(): void
  close(): void
}

/** Opens a segment for appending behind `end`, dropping what a writer that died left there. @throws SmartspeedError LOG_CORRUPT when the file is shorter */
export function openAppender(dir: string, owner: string, segment: number, end: number): Appender {
  const path = segmentPath(dir, owner, segment)
  const doing = `writing ${path}`
  let fd: number
  let unsynced: string[] = []
  try {
    if (end === 0) {
      const made = mkdirSync(dirname(path), { recursive: true })
      fd = openSync(path, 'w')
      unsynced = foldersAbove(path, made)
    } else {
      fd = openSync(path, 'r+')
      const { size } = fstatSync(fd)
      if (size < end) throw corrupt(dir, `${path} has ${size} bytes, and ${end} were committed`)
      if (size > end) ftruncateSync(fd, end)
    }
  } catch (cause) {
    throw faultOf(dir, doing, cause)
  }
  let kept = end
  return {
    segment,
    get end() {
      return kept
    },
    async append(pieces) {
      try {
        await Promise.all([writeAll(fd, pieces, kept).then(() => synced(fd)), ...unsynced.map(syncedFolder)])
        unsynced = []
      } catch (cause) {
        throw faultOf(dir, doing, cause)
      }
    },
    keep(bytes) {
      kept += bytes
    },
    drop() {
      ftruncateSync(fd, kept)
    },
    close() {
      closeSync(fd)
    },
  }
}

/** The folder of a new file, and those that hold the names of the folders that were made for it, from `made` down. */
function foldersAbove(path: string, made: string | undefined): string[] {
  const folders = [resolve(dirname(path))]
  if (made === undefined) return folders
  const top = resolve(dirname(made))
  while (folders.at(-1) !== top) folders.push(dirname(folders.at(-1)!))
  return folders
}

async function syncedFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** New names in a folder are durable only when the folder is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

async function writeAll(fd: number, pieces: readonly Uint8Array[], at: number): Promise<void> {
  for (let rest = pieces, position = at; rest.length > 0; ) {
    const count = await new Promise<number>((resolve, reject) =>
      writev(fd, rest, position, (error, count) => (error ? reject(error) : resolve(count))),
    )
    position += count
    rest = behind(rest, count)
  }
}

/** What is left of pieces when so many bytes of them are written. */
function behind(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  for (const [at, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(at + 1)]
    left -= piece.length
  }
  return []
}

function synced(fd: number): Promise<void> {
  return new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve())))
}

/** Open segment files of one reader; the few last used stay open. */
export interface SegmentReader {
  /** Begins to read a block, on another thread. @throws NodeJS.ErrnoException ENOENT */
  read(owner: string, segment: number, position: number, length: number): Promise<RawBlock>
  close(): void
}

export function segmentReader(dir: string): SegmentReader {
  const open = new Map<string, number>()
  return {
    read(owner, segment, position, length) {
      const path = segmentPath(dir, owner, segment)
      let fd = open.get(path)
      if (fd === undefined) {
        if (open.size >= 4) {
          const [oldest, number] = open.entries().next().value!
          closeSync(number)
          open.delete(oldest)
        }
        fd = openSync(path, 'r')
        open.set(path, fd)
      }
      return readBlock(fd, { position, length })
    },
    close() {
      for (const fd of open.values()) closeSync(fd)
      open.clear()
    },
  }
}
