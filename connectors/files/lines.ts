// Lines of a text file, plain or gzip, with their numbers.
import type { Capture } from '../capture.ts'

export interface Line {
  /** Without its line end; the byte order mark of the first line is taken off. */
  readonly text: string
  /** From 1. */
  readonly number: number
  /** False for the last line of a file that does not end in a newline: it may be cut off. */
  readonly ended: boolean
  /** Bytes of the file, as it lies on the disk, that were read for it. */
  readonly position: number
}

/**
 * The lines of a file that are not empty. Returns false when the file ends in the middle of compressed data.
 * Errors: FILE_CORRUPT, FILE_BINARY.
 */
export async function* linesOf(file: Capture): AsyncGenerator<Line, boolean> {
  const decoder = new TextDecoder()
  const pieces = file.pieces()
  let number = 0
  for (;;) {
    const { done, value } = await pieces.next()
    if (done) return value
    const texts = decoder.decode(value.bytes).split('\n')
    if (value.ended) texts.pop()
    for (const text of texts) {
      number++
      const line = text.endsWith('\r') ? text.slice(0, -1) : text
      if (line !== '') yield { text: line, number, ended: value.ended, position: value.position }
    }
  }
}
