// Trials by the event-driven graph on all cores: each worker is a process that reads the market and trades it with some parameter sets at once.
import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { StrategyConfig } from '../pipelines/config.ts'
import type { Plan } from '../pipelines/plan.ts'
import { planOfShare } from '../pipelines/study/market.ts'
import type { Ask, Outcome, Params, Stretch } from '../pipelines/study/outcome.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { EngineOptions } from '../topics/index.ts'
import { loopFlags } from './setup/index.mjs'

/** Parameter sets that one reading of the market serves. */
const together = 8

/** What a worker is told once. */
export interface PoolJob {
  readonly engine: EngineOptions & { readonly engine?: string }
  readonly plan: Plan
  /** A strategy by name or file, without its parameters. */
  readonly strategy: Omit<StrategyConfig, 'params'>
  readonly stretch: Stretch
}

/** What it is told each time, and what it answers. */
export interface PoolAsk {
  readonly plan: Plan
  readonly params: readonly Params[]
}
export type PoolAnswer = { readonly outcomes: readonly Outcome[] } | { readonly error: ReturnType<typeof errorOut> }

export interface TrialPool {
  readonly workers: number
  /** Trials that keep all workers busy. */
  readonly chunk: number
  compute(asks: readonly Ask[], signal: AbortSignal): Promise<readonly Outcome[]>
  close(): void
}

/**
 * Starts no process before there is work, and never more than `workers`, whoever computes at once. Errors of a worker are thrown as they
 * were there.
 */
export function trialPool(job: PoolJob, workers = availableParallelism()): TrialPool {
  const all = new Set<Worker>()
  const idle: Worker[] = []
  /** Wakes those who wait for a worker. */
  const waking: (() => void)[] = []
  /** Undefined when the signal came first. */
  const take = async (signal: AbortSignal): Promise<Worker | undefined> => {
    while (!signal.aborted) {
      const known = idle.pop()
      if (known !== undefined) return known
      if (all.size < workers) {
        const worker = startWorker(job)
        all.add(worker)
        return worker
      }
      await new Promise<void>((resolve) => waking.push(resolve))
    }
    return undefined
  }
  const give = (worker: Worker): void => {
    // A signal ended it, or the system did: another is started when it is wanted.
    if (worker.isAlive()) idle.push(worker)
    else all.delete(worker)
    for (const wake of waking.splice(0)) wake()
  }
  return {
    workers,
    chunk: workers * together,
    async compute(asks, signal) {
      const groups = groupsOf(asks, workers)
      const outcomes: Outcome[][] = []
      const waiting = groups.entries()
      const work = async () => {
        for (const [at, group] of waiting) {
          const worker = await take(signal)
          if (worker === undefined) return
          const plan = planOfShare(job.plan, job.stretch, group[0]!.share)
          try {
            outcomes[at] = [...(await worker.ask({ plan, params: group.map(({ params }) => params) }, signal))]
          } finally {
            give(worker)
          }
        }
      }
      await Promise.all(Array.from({ length: Math.min(workers, groups.length) }, work))
      return signal.aborted ? [] : outcomes.flat()
    },
    close() {
      for (const worker of all) worker.end()
    },
  }
}

/** Neighbours of equal share, as evenly over the workers as their number allows. */
function groupsOf(asks: readonly Ask[], workers: number): Ask[][] {
  const size = Math.max(1, Math.min(together, Math.ceil(asks.length / workers)))
  const groups: Ask[][] = []
  for (const ask of asks) {
    const last = groups.at(-1)
    if (last !== undefined && last.length < size && last[0]!.share === ask.share) last.push(ask)
    else groups.push([ask])
  }
  return groups
}

interface Worker {
  ask(ask: PoolAsk, signal: AbortSignal): Promise<readonly Outcome[]>
  isAlive(): boolean
  end(): void
}

function startWorker(job: PoolJob): Worker {
  const child = fork(join(import.meta.dirname, 'trial-worker.ts'), {
    execArgv: ['--no-warnings', ...loopFlags(process.execPath)],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send(job)
  return {
    async ask(ask, signal) {
      const onAbort = () => child.kill('SIGKILL')
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        const answer = await answerOf(child, ask)
        if (answer === undefined) {
          if (signal.aborted) return []
          throw new SmartspeedError('SERVICE_FAILED', 'a worker that traded trials ended without an answer', {
            fix: 'the same command goes on; with --workers 1 it needs the least memory',
          })
        }
        if ('error' in answer) throw errorIn(answer.error)
        return answer.outcomes
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    isAlive: () => isAlive(child),
    end: () => child.kill('SIGKILL'),
  }
}

/** Undefined when the process ended first. */
function answerOf(child: ChildProcess, ask: PoolAsk): Promise<PoolAnswer | undefined> {
  return new Promise((resolve) => {
    const onMessage = (answer: unknown) => settle(answer as PoolAnswer)
    const onExit = () => settle(undefined)
    const settle = (answer: PoolAnswer | undefined) => {
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(answer)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
    if (!isAlive(child)) onExit()
    else child.send(ask, (error) => error && onExit())
  })
}

/** Not one that was told to end, and is about to. */
function isAlive({ killed, exitCode, signalCode }: ChildProcess): boolean {
  return !killed && exitCode === null && signalCode === null
}

/** An error as it goes from process to process. */
export function errorOut(error: unknown) {
  if (error instanceof SmartspeedError) return { code: error.code, message: error.message, fix: error.fix }
  return { code: undefined, message: (error as Error).stack ?? String(error), fix: undefined }
}

function errorIn({ code, message, fix }: ReturnType<typeof errorOut>): Error {
  return code === undefined ? new Error(message) : new SmartspeedError(code, message, fix === undefined ? {} : { fix })
}
