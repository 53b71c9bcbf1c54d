// What a process says, in a file of its own that does not grow without end and outlives whoever started the process.
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

const MOST_BYTES = 10 * 2 ** 20
const KEPT = 5

/** Opened to append, with a line that says what begins; to be closed by the caller once the process has it. */
export function openLog(path: string, line: string): number {
  mkdirSync(dirname(path), { recursive: true })
  const fd = openSync(path, 'a')
  writeSync(fd, `--- ${line}\n`)
  return fd
}

/**
 * Past ten megabytes: copied to `.1` (that to `.2` … up to five) and emptied. The process keeps its open file, which is why it is not
 * renamed; what it writes between the copy and the emptying is lost.
 */
export function rotate(path: string, mostBytes: number = MOST_BYTES): boolean {
  if (!existsSync(path) || statSync(path).size <= mostBytes) return false
  for (let at = KEPT - 1; at >= 1; at--)
    if (existsSync(`${path}.${at}`)) renameSync(`${path}.${at}`, `${path}.${at + 1}`)
  copyFileSync(path, `${path}.1`)
  truncateSync(path, 0)
  return true
}

/** What it said last: the last line that names an error, else the last line; empty when it said nothing since it was started. */
export function lastSaid(path: string): string {
  const lines = tail(path).split('\n')
  const begun = lines.findLastIndex((line) => line.startsWith('--- '))
  const said = lines.slice(begun + 1).filter((line) => line.trim() !== '')
  return (said.findLast((line) => /^[A-Z][A-Z_]{2,}: /.test(line)) ?? said.at(-1) ?? '').slice(0, 500)
}

function tail(path: string, bytes = 16_384): string {
  if (!existsSync(path)) return ''
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const buffer = Buffer.alloc(Math.min(bytes, size))
    readSync(fd, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8')
  } finally {
    closeSync(fd)
  }
}
