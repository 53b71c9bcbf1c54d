// Reads a capture file, plain or gzip: whole lines in pieces of about a megabyte, so that memory does not grow with the file.
import { createReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type TransformOptions, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, type ZlibOptions } from 'node:zlib'
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
   * Reads the file once, beside whoever else does, and holds it to its own checksum: damage changes digits long before it is
   * found. One that ends in the middle has no checksum, and passes.
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
  return {
    ...{ file, size },
    pieces: (options) => pieces(file, zipped, options?.bytes ?? 1 << 20),
    check: () => (zipped ? checkSum(file) : Promise.resolve()),
  }
}

async function checkSum(file: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), createGunzip({ chunkSize: 1 << 22 }), nowhere)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'Z_BUF_ERROR') return
    throw code?.startsWith('Z_') ? corrupt(file, cause as Error) : cause
  }
}

async function* pieces(file: string, zipped: boolean, chunkBytes: number): AsyncGenerator<Piece, boolean> {
  const raw = createReadStream(file, { highWaterMark: zipped ? 1 << 18 : chunkBytes })
  const text = zipped ? raw.pipe(createGunzip(ahead(chunkBytes))) : raw
  // A pipe does not pass errors on, nor the end of its reader back.
  if (text !== raw) raw.on('error', (error) => text.destroy(error))
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
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'Z_BUF_ERROR') throw code?.startsWith('Z_') ? corrupt(file, cause as Error) : cause
    complete = false
  } finally {
    raw.destroy()
    text.destroy()
  }
  if (rest !== undefined) yield { bytes: rest, ended: false, position: raw.bytesRead }
  return complete
}

/** Inflates two pieces ahead, on another thread, while the one before is read; as objects, so that none are joined. */
function ahead(chunkSize: number): ZlibOptions & TransformOptions {
  return { chunkSize, readableObjectMode: true, readableHighWaterMark: 2 }
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  return first === undefined ? second : Buffer.concat([first, second])
}

/** @throws SmartspeedError FILE_BINARY when the beginning holds bytes that no text has */
function checkText(file: string, chunk: Uint8Array): void {
  for (const byte of chunk.subarray(0, 4096)) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) {
      throw new SmartspeedError('FILE_BINARY', `${file} is not text: byte ${byte} stands near its beginning`, {
        fix: 'a capture is lines of "<receive time in ns> <message>", plain or gzip',
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
