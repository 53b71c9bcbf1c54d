// Brings the jars of a service from Maven Central into a cache folder, once for each state of pom.xml.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import { cacheFolder, installedFolder, pomPath, versionOf } from './cache.ts'
import { needMaven } from './java.ts'
import { withLock } from './lock.ts'
import type { Service } from './service.ts'

/**
 * The folder with the jars of a service; downloads them when they are not there. Processes that ask at the same time share one
 * download, and what was cut off leaves nothing that could be taken for whole.
 *
 * Errors: PROGRAM_MISSING without Maven; SERVICE_FAILED when Maven fails, with what it said; DISK_FULL and the like.
 */
export async function install(service: Service, note: (line: string) => void = () => {}): Promise<string> {
  const folder = installedFolder(service)
  if (existsSync(folder)) return folder
  const maven = needMaven()
  return withLock(join(cacheFolder(), 'services'), async () => {
    if (existsSync(folder)) return folder
    note(`getting ${service.title} ${versionOf(service)} from Maven Central into ${folder}, once`)
    const fresh = `${folder}.new`
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { recursive: true })
    await runMaven(maven, service, fresh)
    renameSync(fresh, folder)
    return folder
  })
}

async function runMaven(maven: string, service: Service, output: string): Promise<void> {
  // Checksums that do not fit are an error, not a warning.
  const args = ['--batch-mode', '--quiet', '--strict-checksums', '--file', pomPath, service.goal, `-Doutput=${output}`]
  const child = spawn(maven, args, { cwd: output, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  if (code === 0) return
  // Maven says the reason first, and then how to ask it for more.
  const reason = /\[ERROR\] (.*)/.exec(said)?.[1] ?? said.trim().slice(-400)
  throw new SmartspeedError('SERVICE_FAILED', `Maven could not get ${service.title}: ${reason}`, {
    fix: `is Maven Central reachable? The whole story: ${[maven, ...args].filter((a) => a !== '--quiet').join(' ')}`,
  })
}
