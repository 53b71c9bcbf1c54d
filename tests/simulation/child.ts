// A process that runs a backtest and dies when told to: what T13 kills. Arguments: folder, run, JSON of {topology, kill}.
import { backtest } from '../../pipelines/backtest.ts'
import { parseTopology } from '../../pipelines/config.ts'
import { findStrategy } from '../../pipelines/strategy-file.ts'
import { openTopics } from '../../topics/index.ts'
import type { Topics, Writer } from '../../topics/topics.ts'

/** When to die: so many ms after the first commit, or while commit number `inCommit` is being written, `spins` turns after it began. */
export type Kill = { readonly afterMs: number } | { readonly inCommit: number; readonly spins: number } | undefined

export interface Order {
  readonly topology: unknown
  readonly kill: Kill
  readonly batchRows: number
}

if (process.argv[1] === import.meta.filename) {
  const [dir, run, text] = process.argv.slice(2) as [string, string, string]
  const { topology, kill, batchRows } = JSON.parse(text) as Order
  const parsed = parseTopology(topology)
  const { strategy, codeHash } = await findStrategy(parsed.strategy.name)
  const topics = dying(await openTopics({ engine: 'embedded', dir }), kill)
  const result = await backtest({
    ...{ topics, topology: parsed, strategy, codeHash, name: run, batchRows },
    // Many small steps and snapshots: more moments at which a death could show.
    ...{ stepRows: 2048, snapshotRows: 10_000, clock: { nowMs: () => 0 } },
  })
  process.stdout.write(JSON.stringify(result.hashes))
  await topics.close()
}

/** The topics, with a writer that kills its process. */
function dying(topics: Topics, kill: Kill): Topics {
  if (kill === undefined) return topics
  return new Proxy(topics, {
    get(target, name) {
      if (name !== 'writer') return bound(target, name)
      return async (options: { run: string }) => mortal(await target.writer(options), kill)
    },
  })
}

function mortal(writer: Writer, kill: NonNullable<Kill>): Writer {
  let commits = 0
  return new Proxy(writer, {
    get(target, name) {
      if (name !== 'commit') return bound(target, name)
      return (step: Parameters<Writer['commit']>[0]) => {
        commits++
        if ('afterMs' in kill && commits === 1) setTimeout(die, kill.afterMs)
        if ('inCommit' in kill && commits === kill.inCommit) spin(kill.spins)
        return target.commit(step)
      }
    },
  })
}

/** Dies after so many turns of the event loop: a commit takes several, so most of them fall inside it. */
function spin(turns: number): void {
  if (turns === 0) die()
  else setImmediate(() => spin(turns - 1))
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name) as unknown
  return typeof value === 'function' ? value.bind(target) : value
}
