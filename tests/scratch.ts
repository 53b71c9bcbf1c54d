// A folder for what the tests of one file write. Hooks stand in tests/seed.ts, which begins every file: files share a process, and a
// module such as this one is evaluated for the first of them alone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/** It is there until the last test of the file has ended. */
export function scratch(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'smartspeed-scratch-'))
  return folder
}

export function removeScratch(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
}
