// What Java makes of the classes of a service while it starts, kept in a file beside its jars: a start that maps it into memory takes half
// the processor time (Kafka 3.9 -> 1.6 s). Test runs make it, as they start some eighty; whoever starts one later has it, too.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StartSettings } from './service.ts'

/** Where the jars lie, and the Java that runs them: other jars or another Java have another archive. */
interface Program {
  readonly installed: string
  readonly java: string
}

/** What Java is told about the archive: to use it where there is one, or to write it when it ends. */
export function archiveArguments(program: Program, { learn }: Pick<StartSettings, 'learn'>): readonly string[] {
  const path = archivePath(program)
  if (learn) return [`-XX:ArchiveClassesAtExit=${path}.new`]
  return existsSync(path) ? [`-XX:SharedArchiveFile=${path}`] : []
}

/** Makes the archive: `run` starts the service to learn and stops it, in a folder that goes afterwards; false when it had to be killed. */
export async function makeArchive(program: Program, run: (dir: string) => Promise<boolean>): Promise<void> {
  const path = archivePath(program)
  if (existsSync(path)) return
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'smartspeed-archive-')))
  try {
    // A file that Java was killed over is half written.
    if ((await run(dir)) && existsSync(`${path}.new`)) renameSync(`${path}.new`, path)
  } finally {
    rmSync(`${path}.new`, { force: true })
    rmSync(dir, { recursive: true, force: true })
  }
}

function archivePath({ installed, java }: Program): string {
  const place = realpathSync(java)
  const which = createHash('sha256')
    .update(`${place} ${statSync(place).mtimeMs}`)
    .digest('hex')
    .slice(0, 8)
  return `${installed}-${which}.jsa`
}
