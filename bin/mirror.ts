// A mirror from the command line: the two ends, progress, Ctrl-C, and what a person reads at its end.
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Mirrored, mirror } from '../pipelines/mirror.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import { engineNames } from '../topics/index.ts'
import { openLog, type Where, withTopics } from './options.ts'
import { progress } from './progress.ts'
import { stopSignal } from './stop.ts'

export interface MirrorCall extends Where {
  readonly from: string
  readonly to: string
  readonly run?: string
  readonly topics?: readonly string[]
  readonly verify?: boolean
  readonly toDir?: string
  readonly toBrokers?: string
  readonly toRegistry?: string
  readonly toPrefix?: string
}

export async function runMirror(call: MirrorCall): Promise<Mirrored> {
  const [source, target] = endsOf(call)
  const topics = call.topics?.flatMap((list) => list.split(',')).map((name) => name.trim())
  const from = await openLog(source)
  const bar = progress('mirror')
  try {
    return await withTopics(
      target,
      (to) =>
        mirror({
          ...{ source: from, target: to, from: nameOf(source), verify: call.verify === true, signal: stopSignal() },
          ...(call.run === undefined ? {} : { run: call.run }),
          ...(topics === undefined ? {} : { topics }),
          onProgress: (rows, total) => bar.update(rows, total),
        }),
      { write: true },
    )
  } finally {
    bar.stop()
    await from.close()
  }
}

/** Where rows come from and go to: the usual flags are each engine's, `--to-…` the target's where both ends are of one engine. */
function endsOf(call: MirrorCall): readonly [Where, Where] {
  const { from, to, toDir, toBrokers, toRegistry, toPrefix, ...where } = call
  for (const [flag, engine] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (!engineNames.includes(engine)) throw unknownName(`engine of ${flag}`, engine, engineNames)
  }
  const source: Where = { ...where, engine: from }
  const target: Where = {
    ...{ ...where, engine: to, dir: toDir ?? where.dir },
    ...(toBrokers === undefined ? {} : { brokers: toBrokers }),
    ...(toRegistry === undefined ? {} : { registry: toRegistry }),
    ...(toPrefix === undefined ? {} : { prefix: toPrefix }),
  }
  if (nameOf(source) === nameOf(target)) {
    const more =
      from === 'embedded' ? '--to-dir ./mirror' : '--to-brokers HOST:PORT --to-registry URL, or --to-prefix TEXT'
    throw new SmartspeedError('USAGE', `both ends of the mirror are ${nameOf(source)}`, {
      fix: `say where to: ${more}`,
    })
  }
  return [source, target]
}

/** A place in words: the same ones each time. */
function nameOf({ engine, dir, brokers = '', prefix }: Where): string {
  if (engine === 'embedded') return `the log in ${real(dir)}`
  const named = prefix === undefined ? '' : ` under the prefix ${prefix}`
  return `${engine} at ${brokers.split(',').sort().join(',')}${named}`
}

function real(dir: string): string {
  try {
    return realpathSync(dir)
  } catch {
    return resolve(dir)
  }
}

export function mirroredText({ topics, steps, warnings }: Mirrored, run: string | undefined): string {
  const count = (rows: number) => rows.toLocaleString('en-US')
  const width = Math.max(0, ...Object.keys(topics).map((name) => name.length))
  const copied = Object.values(topics).reduce((sum, one) => sum + one.copied, 0)
  const lines = Object.entries(topics).map(
    ([name, one]) =>
      `  ${name.padEnd(width)}  ${count(one.rows)} rows${one.copied === one.rows ? '' : `, ${count(one.copied)} of them new`}`,
  )
  const what = steps === undefined ? '' : ` and ${count(steps)} steps of ${run}`
  return [`copied ${count(copied)} rows${what}`, ...lines, ...warnings.map((warning) => `  ! ${warning}`)].join('\n')
}
