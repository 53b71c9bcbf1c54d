// Starts one service in its folder, and waits until it does its work.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SmartspeedError } from '../../schemas/errors.ts'
import { archiveArguments } from './archive.ts'
import { versionOf } from './cache.ts'
import { install } from './install.ts'
import { needJava } from './java.ts'
import { withLock } from './lock.ts'
import { demandPort, freePort, isFree } from './ports.ts'
import { endProcess, marksOf, type RunningService, runningIn } from './processes.ts'
import type { Service, StartSettings } from './service.ts'
import { readState, type ServiceState, writeState } from './state.ts'

/** A cold start takes 3 to 6 s on two cores; a loaded machine, or a log to recover, takes longer. */
const READY_MS = 120_000
/** A port that was free may be taken before the service listens on it. */
const PORT_TRIES = 3

export interface StartOptions extends StartSettings {
  /** Empties what the service kept. */
  readonly fresh?: boolean
  /** The port it must have; 0 is any free one. Without it: the last one of this folder, the usual one, or any free one. */
  readonly port?: number
  /** The process for which it runs; it is found and ended once that process is gone. */
  readonly owner?: number
  readonly signal?: AbortSignal
  /** Told what takes long, and what was found and mended. */
  note?(line: string): void
}

export interface Started {
  readonly pid: number
  readonly port: number
  readonly version: string
  /** Until a real operation was answered. */
  readonly seconds: number
  /** False when it ran before. */
  readonly startedNow: boolean
}

/**
 * The service of `folder` (absolute), running and ready. One that runs already stays as it is, unless it has to be fresh.
 *
 * Errors: PROGRAM_MISSING without Java or Maven; PORT_TAKEN; SERVICE_FAILED when it ends before it is ready, with its reason;
 * SERVICE_LOST when it does not answer; CONFIG_INVALID when it runs on another port than asked for; INTERRUPTED by the signal.
 */
export async function startService(service: Service, folder: string, options: StartOptions): Promise<Started> {
  mkdirSync(folder, { recursive: true })
  const place = realpathSync(folder)
  const java = needJava()
  const installed = await install(service, options.note)
  return withLock(place, async () => {
    const from = performance.now()
    const running = await leaveOne(service, place, options)
    if (running !== undefined) {
      const state = readState(place)!
      const port = state.ports[service.name]!
      await waitUntilReady(service, place, port, options)
      return { pid: running.pid, port, version: state.version, seconds: secondsSince(from), startedNow: false }
    }
    if (options.fresh) rmSync(join(place, 'data'), { recursive: true, force: true })
    for (let tries = 1; ; tries++) {
      const ports = await choosePorts(service, place, options)
      try {
        const pid = await launch(service, place, { java, installed, ports, options })
        const version = versionOf(service)
        return { pid, port: ports[service.name]!, version, seconds: secondsSince(from), startedNow: true }
      } catch (error) {
        const raced = /Address already in use|Port \d+ seems to be in use/.test((error as Error).message)
        if (!raced || (options.port ?? 0) !== 0 || tries === PORT_TRIES) throw error
      }
    }
  })
}

/** Where what a service says goes. */
export function logOf(service: Service, folder: string): string {
  return join(folder, `${service.name}.log`)
}

/** The process that runs here and may stay. Others of this folder are ended: those that nobody knows how to reach, or all for a fresh one. */
async function leaveOne(
  service: Service,
  folder: string,
  { fresh, port, note }: StartOptions,
): Promise<RunningService | undefined> {
  const found = runningIn(folder)
  const state = readState(folder)
  const known = found.find(({ pid }) => pid === state?.pid)
  for (const one of found) {
    if (one === known && !fresh) continue
    note?.(`${service.name}: ending pid ${one.pid}${one === known ? '' : ', left by a start that did not finish'}`)
    await endProcess(one)
  }
  if (known === undefined || fresh) {
    if (found.length === 0 && state !== undefined && !state.stopped && state.pid !== undefined) {
      note?.(`${service.name}: pid ${state.pid} ended without being stopped; starting it again on what it kept`)
    }
    return undefined
  }
  const own = state!.ports[service.name]!
  if (port === undefined || port === 0 || port === own) return known
  throw new SmartspeedError('CONFIG_INVALID', `${service.name} runs on port ${own} (pid ${known.pid}), not ${port}`, {
    fix: `stop it first: smartspeed services down ${service.name}`,
  })
}

async function choosePorts(service: Service, folder: string, options: StartOptions): Promise<Record<string, number>> {
  const { port } = options
  const last = readState(folder)?.ports[service.name]
  const ports: Record<string, number> = {}
  if (port !== undefined && port !== 0) {
    await demandPort(service.name, port)
    ports[service.name] = port
  } else {
    const wished = port === 0 ? [] : [last ?? service.usualPort, service.usualPort]
    ports[service.name] = (await firstFree(wished)) ?? (await freePort())
    if (last !== undefined && port === undefined && ports[service.name] !== last) {
      options.note?.(
        `${service.name}: its port ${last} is taken by another process now, so it takes ${ports[service.name]}`,
      )
    }
  }
  for (const other of service.otherPorts(options)) {
    const taken = new Set(Object.values(ports))
    do ports[other] = await freePort()
    while (taken.has(ports[other]))
  }
  return ports
}

async function firstFree(wished: readonly number[]): Promise<number | undefined> {
  for (const port of wished) if (await isFree(port)) return port
  return undefined
}

interface LaunchWith {
  readonly java: string
  readonly installed: string
  readonly ports: Readonly<Record<string, number>>
  readonly options: StartOptions
}

/** Starts the process, which outlives this one, and gives its pid once it is ready. */
async function launch(
  service: Service,
  folder: string,
  { java, installed, ports, options }: LaunchWith,
): Promise<number> {
  const { args, env } = await service.prepare({ installed, folder, ports, java, options })
  const state: ServiceState = {
    version: versionOf(service),
    ports,
    pid: undefined,
    startedMs: Date.now(),
    stopped: false,
  }
  // Its ports are known before it is there: a start that is cut off can still be found and named.
  writeState(folder, state)
  options.signal?.throwIfAborted()
  const log = logOf(service, folder)
  if (existsSync(log)) renameSync(log, `${log}.1`)
  const out = openSync(log, 'a')
  const marks = marksOf(folder, options.owner)
  const child = spawn(java, [...marks, ...archiveArguments({ installed, java }, options), ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', out, out],
  })
  closeSync(out)
  child.unref()
  await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject))
  const pid = child.pid!
  writeState(folder, { ...state, pid })
  try {
    await waitUntilReady(service, folder, ports[service.name]!, options, child)
    await service.settle?.(ports[service.name]!)
  } catch (error) {
    for (const one of runningIn(folder)) await endProcess(one, { kill: true })
    writeState(folder, { ...state, pid, stopped: true })
    throw error
  }
  return pid
}

/** Asks the real operation until it is answered. */
async function waitUntilReady(
  service: Service,
  folder: string,
  port: number,
  { signal }: StartOptions,
  child?: ChildProcess,
): Promise<void> {
  const until = performance.now() + READY_MS
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 200)) {
    signal?.throwIfAborted()
    try {
      return await service.probe(port)
    } catch (cause) {
      if (child === undefined ? runningIn(folder).length === 0 : hasEnded(child)) throw failed(service, folder, child)
      if (performance.now() > until) {
        const message = `${service.name} does not answer on port ${port}: ${(cause as Error).message}`
        throw new SmartspeedError('SERVICE_LOST', message, {
          cause,
          fix: `what it says of itself: ${logOf(service, folder)}`,
        })
      }
    }
    await sleep(waitMs, undefined, { signal })
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

/** The line of its log that says most: a taken port, else the first exception, else the first error. */
function failed(service: Service, folder: string, child: ChildProcess | undefined): SmartspeedError {
  const log = logOf(service, folder)
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  const signs = [
    /Address already in use|seems to be in use/,
    /^(Caused by: )?[\w.$]+(Exception|Error): ./,
    /\b(ERROR|FATAL)\b/,
  ]
  const reason = signs.map((sign) => lines.find((line) => sign.test(line))).find((line) => line !== undefined)
  const how = child === undefined ? '' : ` (${child.signalCode ?? `exit ${child.exitCode}`})`
  const message = `${service.name} ended before it was ready${how}: ${reason ?? lines.at(-1)}`
  return new SmartspeedError('SERVICE_FAILED', message, { fix: `what it said: ${log}` })
}

function secondsSince(from: number): number {
  return Math.round(performance.now() - from) / 1000
}
