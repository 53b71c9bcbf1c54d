// Which of our services run on this machine. A process is known by a mark on its own command line, so that neither a lost pid
// file nor a pid that was given to somebody else can mislead.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningService {
  readonly pid: number
  /** The service's folder. */
  readonly folder: string
  /** The process that it was started for, whose end it should not outlive; undefined when it was started to stay. */
  readonly owner: number | undefined
}

const KILL_AFTER_MS = 20_000

/** The arguments of a Java process that mark it as the service of a folder. */
export function marksOf(folder: string, owner: number | undefined): readonly string[] {
  return [`-Dsmartspeed.service=${folder}`, `-Dsmartspeed.owner=${owner ?? 'none'}`]
}

/** Every running service that this user can see. Zombies have no command line any more, and so are none. */
export function runningServices(): RunningService[] {
  return commandLines().flatMap(({ pid, line }) => {
    const [, folder, owner] = /-Dsmartspeed\.service=(.*?) -Dsmartspeed\.owner=(\d+|none)(?: |$)/.exec(line) ?? []
    if (folder === undefined) return []
    return [{ pid, folder, owner: owner === 'none' ? undefined : Number(owner) }]
  })
}

/** The processes that run the service of a folder: none, one, or more after something went very wrong. */
export function runningIn(folder: string): RunningService[] {
  return runningServices().filter((service) => service.folder === folder)
}

/** Services whose owner is gone: what a killed test run left behind. */
export function orphans(): RunningService[] {
  return runningServices().filter(({ owner }) => owner !== undefined && !isAlive(owner))
}

/** Asks a service to end, and ends it when it does not listen, or at once with `kill`. Gives true when it had to be killed. */
export async function endProcess(
  service: RunningService,
  { kill = false, patienceMs = KILL_AFTER_MS } = {},
): Promise<boolean> {
  const isThere = () => runningIn(service.folder).some(({ pid }) => pid === service.pid)
  signal(service.pid, kill ? 'SIGKILL' : 'SIGTERM')
  const killAt = performance.now() + patienceMs
  let killed = kill
  for (let waitMs = 5; isThere(); waitMs = Math.min(waitMs * 2, 50)) {
    if (!killed && performance.now() > killAt) {
      signal(service.pid, 'SIGKILL')
      killed = true
    }
    await sleep(waitMs)
  }
  return killed
}

/** Who listens on a port: its pid and command; undefined when that cannot be seen. */
export function listenerOn(port: number): { readonly pid: number; readonly command: string } | undefined {
  const pid = process.platform === 'linux' ? linuxListener(port) : otherListener(port)
  if (pid === undefined) return undefined
  return {
    pid,
    command:
      commandLines()
        .find((process) => process.pid === pid)
        ?.line.slice(0, 120) ?? '',
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Every process that this user can see, with its arguments joined by spaces. */
export function commandLines(): { pid: number; line: string }[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
    return (stdout ?? '').split('\n').flatMap((row) => {
      const [, pid, line] = /^\s*(\d+) (.*)$/.exec(row) ?? []
      return pid === undefined || line === undefined ? [] : [{ pid: Number(pid), line }]
    })
  }
  return pids().flatMap((pid) => {
    const line = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trimEnd()
    return line === '' ? [] : [{ pid, line }]
  })
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The socket that listens is in the table of the network, and among the open files of its process. */
function linuxListener(port: number): number | undefined {
  const LISTEN = '0A'
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => read(path).split('\n').slice(1))
  const fields = rows.map((row) => row.trim().split(/\s+/))
  const inode = fields.find((row) => row[1]?.endsWith(end) && row[3] === LISTEN)?.[9]
  if (inode === undefined) return undefined
  return pids().find((pid) => opened(pid).includes(`socket:[${inode}]`))
}

function opened(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).map((fd) => target(`${folder}/${fd}`))
  } catch {
    // Gone meanwhile, or somebody else's.
    return []
  }
}

/** Empty for a file that was closed meanwhile: the listing of our own folder is one. */
function target(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function otherListener(port: number): number | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' })
  const pid = Number.parseInt(stdout ?? '', 10)
  return Number.isNaN(pid) ? undefined : pid
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
