// A file that is written as a stream and stands under its name only when it is whole.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip, type Gzip } from 'node:zlib'
import { SmartspeedError } from '../schemas/errors.ts'

export type OutputFile = {
  /** Writes, and waits while the disk is slow. Errors: those of the file system. */
  write(bytes: Uint8Array): Promise<void>
  /** Everything is on its way to the disk; the file gets its name. */
  close(): Promise<void>
  /** Removes what was written. */
  discard(): Promise<void>
}

/** Where every gzip stream says which system made it; 255 is unknown, so that equal content gives equal files. */
const systemByte = 9

/**
 * Opens FILE.partial, which `close` renames to FILE. A name that ends in .gz is compressed: without a time and a system
 * in its header, at level 1 (the fastest: the text of a capture shrinks to about a fifth).
 */
export async function openOutputFile(path: string): Promise<OutputFile> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) {
    throw new SmartspeedError('USAGE', `${path} is a folder`, { fix: `name the file: ${join(path, 'NAME')}` })
  }
  const partial = `${path}.partial`
  const file = createWriteStream(partial)
  await once(file, 'open').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
      const message = `${path} cannot be written: ${error.message}`
      throw new SmartspeedError('FOLDER_READ_ONLY', message, { cause: error, fix: 'name a file in another folder' })
    }
    if (error.code !== 'ENOENT') throw error
    throw new SmartspeedError('FILE_MISSING', `there is no folder ${dirname(path)} for ${path}`, { cause: error })
  })
  let failure: Error | undefined
  const waiting = new Set<() => void>()
  file.on('error', (error) => {
    failure = error
    // A compressor that cannot get rid of its output calls nobody back.
    for (const wake of waiting) wake()
  })
  const gzip = path.endsWith('.gz') ? gzipInto(file) : undefined
  const target = gzip ?? file
  let before: Promise<void> = Promise.resolve()

  return {
    async write(bytes) {
      if (bytes.length === 0) return
      // One piece is compressed on another thread while the caller makes the next.
      const previous = before
      before = new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
        target.write(bytes, wake)
      })
      await previous
      if (failure !== undefined) throw failure
    },
    async close() {
      target.end()
      await finished(file)
      await rename(partial, path)
    },
    async discard() {
      gzip?.destroy()
      file.destroy()
      await rm(partial, { force: true })
    },
  }
}

function gzipInto(file: NodeJS.WritableStream): Gzip {
  const gzip = createGzip({ level: 1, chunkSize: 1 << 17 })
  gzip.once('data', (first: Buffer) => {
    first[systemByte] = 255
  })
  gzip.pipe(file)
  return gzip
}
