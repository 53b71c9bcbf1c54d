// How a run begins, or is found again under its name: what is fixed then, and what is refused.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topics } from '../topics/topics.ts'
import type { AnyAbout } from './about.ts'
import { hashOf } from './config.ts'
import { isControl } from './control.ts'
import { keptNames } from './market-writer.ts'
import { type Plan, rangeOf } from './plan.ts'
import { aboutSeats, type Seat } from './seats.ts'

/** @throws SmartspeedError CONFIG_INVALID for a name that no run can have */
export function checkName(name: string): void {
  const why = isControl(name) ? 'what is said to other runs is kept under such names' : keptNames.get(name)
  if (why === undefined) return
  throw new SmartspeedError('CONFIG_INVALID', `--name: a run cannot be called "${name}": ${why}`, {
    fix: 'choose another --name',
  })
}

/** The first of `<what>-1`, `<what>-2` … that is free; what a run of several strategies is called is `mix`. */
export async function freeName(topics: Topics, { what }: { readonly what: string }): Promise<string> {
  const taken = new Set((await topics.runs()).map((one) => one.run))
  for (let n = 1; ; n++) if (!taken.has(`${what}-${n}`)) return `${what}-${n}`
}

export function nameOfSeats(seats: readonly Seat[]): string {
  return seats.length === 1 ? seats[0]!.strategy.name : 'mix'
}

/** What of a plan decides the outputs; where data end is data, and where they lie does not matter. */
export function configHashOf(plan: Plan, seats: readonly Seat[]): string {
  const { topology, inputs: _, ...rest } = plan
  const { engine: _engine, dir: _dir, strategies: _strategies, ...what } = topology
  const who = aboutSeats(seats).map(({ file: _file, fileHash: _hash, ...seat }) => seat)
  return hashOf(JSON.parse(JSON.stringify({ ...rest, topology: what, seats: who })))
}

/** @throws SmartspeedError RUN_EXISTS for a run of that name with another config, VERSION_MISMATCH for one that other code began */
export function checkSame(before: AnyAbout, now: { name: string; configHash: string; codeHash: string }): void {
  const { name, configHash, codeHash } = now
  if (before.configHash !== configHash) {
    throw new SmartspeedError(
      'RUN_EXISTS',
      `run ${name} is there with another config (${before.configHash.slice(0, 8)}, now ${configHash.slice(0, 8)})`,
      {
        fix: `choose another --name, or remove it: smartspeed runs rm ${name}`,
      },
    )
  }
  if (before.result === undefined && before.codeHash !== codeHash) {
    throw new SmartspeedError('VERSION_MISMATCH', `run ${name} was begun by other code and is not finished`, {
      fix: `start it anew: smartspeed runs rm ${name}, then the same command`,
    })
  }
}

/** A message for the result of a finished run when the code has changed since; none when it has not. */
export function codeChanged(run: string, before: AnyAbout, codeHash: string): { code: string; message: string }[] {
  if (before.codeHash === codeHash) return []
  const message = `this is what other code gave; run it anew: smartspeed runs rm ${run}, or take another --name`
  return [{ code: 'CODE_CHANGED', message }]
}

/** NO_DATA for a range without rows of its instruments. */
export async function emptyRange(topics: Topics, plan: Plan): Promise<SmartspeedError> {
  const range = await rangeOf(topics, plan)
  const iso = (time: number) => new Date(time / 1000).toISOString()
  const asked = `${plan.exchange} ${plan.symbols.join(', ')}${plan.from === undefined ? '' : ` from ${iso(plan.from)}`}${plan.to === undefined ? '' : ` to ${iso(plan.to)}`}`
  return new SmartspeedError('NO_DATA', `no rows of ${asked}`, {
    fix:
      range === undefined ? 'import a capture first' : `there are rows from ${iso(range.first)} to ${iso(range.last)}`,
  })
}

/** Rows that a plan reads, as far as that is known without reading them. */
export async function rowsOf(topics: Topics, plan: Plan): Promise<number | undefined> {
  if (plan.from !== undefined || plan.to !== undefined) return undefined
  let rows = 0
  const known = new Map((await topics.list()).map((info) => [info.name, info.rows]))
  for (const { topic } of plan.inputs) rows += known.get(topic) ?? 0
  return rows
}

/** What a member hears whose run is a newer version's by now. */
export function takenOver(run: string): SmartspeedError {
  return new SmartspeedError('TAKEN_OVER', `a newer version of the program has taken over run ${run}`, {
    fix: 'nothing is left to be done here: see npx smartspeed runs',
  })
}
