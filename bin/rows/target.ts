// Where printed rows go: stdout or a file. Both take no more than their reader or disk can.
import { openOutputFile } from '../output-file.ts'

export interface Target {
  /** The bytes are the target's from now on: the caller does not write into them again. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
  /** Removes what was written, where that can be. */
  discard(): Promise<void>
}

/** Stdout; a reader that goes away ends the process quietly (bin/main.ts). */
export function stdoutTarget(): Target {
  return {
    async write(bytes) {
      if (bytes.length === 0) return
      if (!process.stdout.write(bytes)) await new Promise((resolve) => process.stdout.once('drain', resolve))
    },
    async close() {},
    async discard() {},
  }
}

/** A file that gets its name when it is whole; .gz is compressed. */
export async function fileTarget(path: string): Promise<Target> {
  return openOutputFile(path)
}

/**
 * Gives the target nothing before all is there, so that a JSON document is whole or not begun. Memory grows with what is written.
 */
export function wholeTarget(target: Target): Target {
  let parts: Uint8Array[] = []
  return {
    async write(bytes) {
      parts.push(bytes)
    },
    async close() {
      for (const part of parts) await target.write(part)
      await target.close()
    },
    async discard() {
      parts = []
      await target.discard()
    },
  }
}
