// Reads a capture file, plain or gzip: whole lines in pieces of about a megabyte, so that memory does not grow with the file.
import { createReadStream, type ReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type TransformOptions, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib'
import { nearest, SmartspeedError } from '../schemas/errors.ts'

/** Whole lines. Valid until the next piece is asked for. */
export interface Piece {
  readonly bytes: Uint8Array
  /** False for the last line of a file that does not end in a newline: it may be cut off. */
  readonly ended: boolean
  /** Bytes of the file (compressed, where it is) read so far. */
  readonly position: number
}

const newline = 10
const pieceBytes = 1 << 20
/** Compressed bytes that are read at once. */
const inputBytes = 1 << 18
/** Text that is inflated before it is asked for. */
const aheadBytes = 1 << 25

export interface Capture {
  readonly file: string
  /** Bytes of the file as it lies on the disk. */
  readonly size: number
  /**
   * The file's lines, in pieces. Returns false when the compressed data end in the middle.
   * @throws SmartspeedError FILE_CORRUPT, FILE_BINARY, and what the file system says
   */
  pieces(options?: { bytes?: number }): AsyncGenerator<Piece, boolean>
  /**
   * Resolves when the file is known to agree with its own checksum: damage changes digits long before inflating fails.
   * Of a file that `pieces` has inflated to its end, or soon will have, that is known; a larger one is read once more.
   * One that ends in the middle has no checksum, and passes.
   * @throws SmartspeedError FILE_CORRUPT
   */
  check(): Promise<void>
}

/** @throws SmartspeedError FILE_MISSING, with files of a like name; FILE_BINARY for a folder */
export async function openCapture(file: string): Promise<Capture> {
  const handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    return cause.code === 'ENOENT' || cause.code === 'ENOTDIR' ? missing(file, cause) : Promise.reject(cause)
  })
  const head = new Uint8Array(2)
  let size: number
  let read: number
  try {
    const about = await handle.stat()
    if (about.isDirectory()) {
      const fix = `name its files, as in ${file.replace(/\/$/, '')}/*.gz`
      throw new SmartspeedError('FILE_BINARY', `${file} is a folder`, { fix })
    }
    size = about.size
    read = (await handle.read(head, 0, 2, 0)).bytesRead
  } finally {
    await handle.close()
  }
  // By what it begins with, not by its name.
  const zipped = read === 2 && head[0] === 0x1f && head[1] === 0x8b
  let inflating: Gunzip | undefined
  return {
    ...{ file, size },
    pieces({ bytes = pieceBytes } = {}) {
      const raw = createReadStream(file, { highWaterMark: zipped ? inputBytes : bytes })
      if (!zipped) return pieces(file, raw, raw)
      inflating = raw.pipe(createGunzip(ahead(bytes)))
      const text = inflating
      // A pipe does not pass errors on, nor the end of its reader back.
      raw.on('error', (error) => text.destroy(error))
      return pieces(file, raw, text)
    },
    async check() {
      if (!zipped) return
      const inflated = inflating !== undefined && (await isInflated(inflating))
      if (!inflated) await checkSum(file)
      else if (isDamage(inflating?.errored)) throw corrupt(file, inflating!.errored!)
    },
  }
}

/** True when all of the file is inflated, or failed to be; false when so much waits to be read that it will not be soon. */
async function isInflated(text: Gunzip): Promise<boolean> {
  while (!text.writableFinished && !text.destroyed) {
    if (text.readableLength >= text.readableHighWaterMark) return false
    await setTimeout(1)
  }
  return true
}

async function checkSum(file: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), createGunzip({ chunkSize: 1 << 22 }), nowhere)
  } catch (cause) {
    if (isCutOff(cause)) return
    throw isDamage(cause) ? corrupt(file, cause as Error) : cause
  }
}

async function* pieces(file: string, raw: ReadStream, text: ReadStream | Gunzip): AsyncGenerator<Piece, boolean> {
  let rest: Uint8Array | undefined
  let complete = true
  let begun = false
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      if (!begun) checkText(file, chunk)
      begun = true
      const end = chunk.lastIndexOf(newline) + 1
      if (end === 0) {
        rest = joined(rest, chunk)
        continue
      }
      let start = 0
      if (rest !== undefined) {
        start = chunk.indexOf(newline) + 1
        yield { bytes: joined(rest, chunk.subarray(0, start)), ended: true, position: raw.bytesRead }
      }
      if (start < end) yield { bytes: chunk.subarray(start, end), ended: true, position: raw.bytesRead }
      rest = end < chunk.length ? chunk.subarray(end) : undefined
      // What another thread has inflated meanwhile is taken, and it gets more to do.
      await setImmediate()
    }
  } catch (cause) {
    if (!isCutOff(cause)) throw isDamage(cause) ? corrupt(file, cause as Error) : cause
    complete = false
  } finally {
    raw.destroy()
    text.destroy()
  }
  if (rest !== undefined) yield { bytes: rest, ended: false, position: raw.bytesRead }
  return complete
}

function isCutOff(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR'
}

/** An error of inflating other than that the data end too soon. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true && !isCutOff(error)
}

/** Inflates ahead of the reader, on another thread; as objects, so that pieces are not joined. */
function ahead(chunkSize: number): ZlibOptions & TransformOptions {
  return { chunkSize, readableObjectMode: true, readableHighWaterMark: Math.ceil(aheadBytes / chunkSize) }
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  return first === undefined ? second : Buffer.concat([first, second])
}

/** @throws SmartspeedError FILE_BINARY when the beginning holds bytes that no text has */
function checkText(file: string, chunk: Uint8Array): void {
  for (const byte of chunk.subarray(0, 4096)) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) {
      throw new SmartspeedError('FILE_BINARY', `${file} is not text: byte ${byte} stands near its beginning`, {
        fix: /\.csv(\.gz)?$/i.test(file)
          ? 'a CSV file is lines of text under a header, plain or gzip'
          : 'a capture is lines of "<receive time in ns> <message>", other files lines of cells under a header; plain or gzip',
      })
    }
  }
}

function corrupt(file: string, cause: Error): SmartspeedError {
  const fix =
    'what stood before the damage is imported; get the file again, or mend it with gzip -dc FILE | head -c BYTES'
  return new SmartspeedError('FILE_CORRUPT', `${file} is damaged: ${cause.message}`, { cause, fix })
}

async function missing(file: string, cause: Error): Promise<never> {
  const folder = dirname(file)
  const names = await readdir(folder).catch(() => undefined)
  const near = names && nearest(basename(file), names)
  const fix =
    names === undefined
      ? `there is no folder ${folder}`
      : near === undefined
        ? `${folder} is empty`
        : `did you mean ${folder === '.' ? near : `${folder}/${near}`}?`
  throw new SmartspeedError('FILE_MISSING', `there is no file ${file}`, { cause, fix })
}
