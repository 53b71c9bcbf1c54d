// Keeps the processes of a deployment running: looks, compares with what is wished, starts and stops, and looks again. It holds nothing
// that it could not find again: its processes outlive it, and the next one goes on with them.
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../services/ports.ts'
import { type Found, foundIn } from './found.ts'
import { type Health, healthAt } from './health.ts'
import { launch } from './launch.ts'
import { lastSaid, rotate } from './log.ts'
import { afterEnd, type End, type MemberState } from './restart.ts'
import { readState, type SupervisorState, writeState } from './state.ts'
import { Stops, signal } from './stops.ts'
import { type Desired, type Member, membersOf, readDesired } from './unit.ts'

const BUSY_MS = 100
const CALM_MS = 500
/** A process that never opened its port, and lived that long, runs. */
const RUNS_AFTER_MS = 60_000

/** Looks again and again until the signal. Its processes go on then. */
export async function supervise(folder: string, signal: AbortSignal): Promise<void> {
  const supervisor = new Supervisor(folder)
  while (!signal.aborted) {
    const busy = await supervisor.look()
    await sleep(busy ? BUSY_MS : CALM_MS, undefined, { signal }).catch(() => {})
  }
}

class Supervisor {
  readonly #folder: string
  readonly #sinceMs = Date.now()
  readonly #stops = new Stops()
  /** How the processes that this one started ended, by pid, until it is told in their state. */
  readonly #children = new Map<number, ChildProcess>()
  /** Since when a process gives no answer, by pid. */
  readonly #silent = new Map<number, number>()
  #members: ReadonlyMap<string, MemberState>
  /** The wish that was last worked on. */
  #generation: number | undefined
  #written = ''

  constructor(folder: string) {
    this.#folder = folder
    const before = readState(folder)
    this.#generation = before?.generation
    this.#members = new Map((before?.members ?? []).map((member) => [member.id, member]))
  }

  /** One look and what follows from it. Gives true while something is under way. */
  async look(): Promise<boolean> {
    const desired = readDesired(this.#folder)
    if (desired === undefined) return false
    const found = foundIn(this.#folder)
    const members = membersOf(this.#folder, desired.units)
    const left = this.#stopOthers(desired, members, found)
    const states = await Promise.all(members.map((member) => this.#keep(desired, member, found)))
    this.#members = new Map(states.map((state) => [state.id, state]))
    this.#generation = desired.generation
    this.#stops.forget(new Set(found.map(({ pid }) => pid)))
    for (const { log } of members) rotate(log)
    this.#tell({
      pid: process.pid,
      sinceMs: this.#sinceMs,
      generation: desired.generation,
      settled: left === 0,
      members: states,
    })
    return left > 0 || states.some(({ status }) => status === 'starting' || status === 'waiting' || status === 'silent')
  }

  /** Asks those to end that nobody wishes, and all but one of the same name. Gives how many there still are. */
  #stopOthers({ restart }: Desired, members: readonly Member[], found: readonly Found[]): number {
    const wished = new Set(members.map(({ id }) => id))
    const others = found.filter(({ id, pid }) => !wished.has(id) || pid !== this.#pidOf(id, found))
    for (const { pid } of others) this.#stops.stop(pid, Date.now(), restart.stopMs)
    return others.length
  }

  /** The process of that name: the one that is known, else the oldest. */
  #pidOf(id: string, found: readonly Found[]): number | undefined {
    const own = found.filter((one) => one.id === id)
    return (own.find(({ pid }) => pid === this.#members.get(id)?.pid) ?? own[0])?.pid
  }

  /** What is so of one process now; starts it when it should run, and does not. */
  async #keep(desired: Desired, member: Member, found: readonly Found[]): Promise<MemberState> {
    const { id, log, unit } = member
    const known = this.#known(id, desired.generation)
    const pid = this.#pidOf(id, found)
    const running = found.find((one) => one.pid === pid)
    if (running !== undefined) return this.#watch(desired, known, running)
    if (known.pid !== undefined) {
      const end = this.#endOf(known.pid, log)
      // Its line is gone from the list of processes, and how it ended is about to be told.
      if (end === undefined) return known
      return afterEnd(known, end, { unit, rules: desired.restart, seed: desired.name })
    }
    if (known.status === 'finished' || known.status === 'failed') return known
    if (known.status === 'ended' && unit.role === 'old') return known
    if (known.nextMs !== undefined && known.nextMs > Date.now()) return known
    return this.#start(desired, member, known)
  }

  /** What is known of it. Who was given up gets another chance when something new is wished. */
  #known(id: string, generation: number): MemberState {
    const fresh: MemberState = { id, status: 'waiting', restarts: 0, endsInRow: 0 }
    const known = this.#members.get(id) ?? fresh
    if (generation === this.#generation || known.pid !== undefined || known.status === 'finished') return known
    const { nextMs: _, ...rest } = known
    return { ...rest, status: 'waiting', endsInRow: 0 }
  }

  async #watch(desired: Desired, known: MemberState, { pid, port }: Found): Promise<MemberState> {
    const { id, restarts, endsInRow, lastEnd } = known
    const startedMs = known.pid === pid && known.startedMs !== undefined ? known.startedMs : Date.now()
    const health = await healthAt(port)
    const status = this.#statusOf(health, pid, startedMs, desired.restart)
    const base = { id, status, pid, startedMs, restarts, endsInRow }
    return { ...base, ...(port === undefined ? {} : { port }), ...(lastEnd === undefined ? {} : { lastEnd }) }
  }

  #statusOf(health: Health, pid: number, startedMs: number, { hungMs }: Desired['restart']): MemberState['status'] {
    if (health !== 'silent') this.#silent.delete(pid)
    if (health === 'ready' || health === 'in shadow') return health
    if (health === 'not ready') return 'starting'
    if (health === undefined) return Date.now() - startedMs >= RUNS_AFTER_MS ? 'running' : 'starting'
    const since = this.#silent.get(pid) ?? Date.now()
    this.#silent.set(pid, since)
    // A process that hangs holds its tasks and does nothing: another could.
    if (Date.now() - since >= hungMs) signal(pid, 'SIGKILL')
    return 'silent'
  }

  /** How it ended; undefined while that is not known yet, though its child process will tell. */
  #endOf(pid: number, log: string): End | undefined {
    const child = this.#children.get(pid)
    const atMs = Date.now()
    if (child === undefined) return { atMs, how: 'ended', said: lastSaid(log), code: undefined }
    const { exitCode, signalCode } = child
    if (exitCode === null && signalCode === null) return undefined
    this.#children.delete(pid)
    return { atMs, how: signalCode ?? `exit ${exitCode}`, said: lastSaid(log), code: exitCode }
  }

  async #start(desired: Desired, { id, ...member }: Member, known: MemberState): Promise<MemberState> {
    const { nextMs: _, ...rest } = known
    const again = known.lastEnd === undefined ? 0 : 1
    const port = await freePort()
    const startedMs = Date.now()
    try {
      const child = launch(this.#folder, desired, { id, ...member }, port)
      await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject))
      const pid = child.pid!
      this.#children.set(pid, child)
      return { ...rest, status: 'starting', pid, port, startedMs, restarts: known.restarts + again }
    } catch (error) {
      const end: End = { atMs: startedMs, how: 'not started', said: (error as Error).message, code: undefined }
      return afterEnd({ ...rest, startedMs }, end, { unit: member.unit, rules: desired.restart, seed: desired.name })
    }
  }

  /** Written when it says something new. */
  #tell(state: SupervisorState): void {
    const text = JSON.stringify(state)
    if (text === this.#written) return
    writeState(this.#folder, state)
    this.#written = text
  }
}
