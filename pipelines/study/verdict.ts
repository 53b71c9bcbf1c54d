// What validation said of a strategy, kept with its study; and who may trade it nevertheless.
import { isDeepStrictEqual } from 'node:util'
import { batchOf } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Topics } from '../../topics/topics.ts'
import { actsIn, nextAct } from '../audit.ts'
import { hashOf, type StrategyConfig } from '../config.ts'
import { controlRun } from '../control.ts'
import type { Plan } from '../plan.ts'
import { findStrategy } from '../strategy-file.ts'
import { type StudyAbout, studiesIn, studyOf } from './about.ts'
import { readLedger, writeLedger } from './ledger.ts'

export type Colour = 'green' | 'amber' | 'red'

/** What is kept of a validation. The rest of it is the command's answer, as JSON. */
export interface KeptVerdict {
  readonly verdict: Colour
  /** One sentence each, the weightiest first. */
  readonly reasons: readonly string[]
  /** Of all that was tried on the market when it was made. */
  readonly trials: number
  readonly method: string
  readonly madeMs: number
  readonly answer: Readonly<Record<string, unknown>>
}

export interface Found {
  readonly study: string
  /** What it is a verdict on. */
  readonly about: Pick<StudyAbout, 'strategy'> & { readonly plan: Pick<Plan, 'exchange' | 'symbols'> }
  readonly kept: KeptVerdict
}

/** The strategies of a topology, and on what; what is undefined is any. */
export interface Traded {
  readonly exchange: string | undefined
  readonly symbols: readonly string[] | undefined
  readonly strategies: readonly Pick<StrategyConfig, 'name'>[]
}

/** The newest verdict on each strategy of a topology, where there is one on a market of its. */
export async function verdictsOn(topics: Topics, traded: Traded): Promise<Found[]> {
  const studies = (await studiesIn(topics)).flatMap(({ study, about }): Found[] =>
    about.validation === undefined ? [] : [{ study, about, kept: about.validation }],
  )
  const all = [...studies, ...(await readLedger(topics)).verdicts]
  if (all.length === 0) return []
  const newest = all.sort((a, b) => b.kept.madeMs - a.kept.madeMs || (a.study < b.study ? -1 : 1))
  const found = new Set<Found>()
  for (const { name } of traded.strategies) {
    const own = /[./\\]/.test(name) ? (await findStrategy(name)).strategy.name : name
    const one = newest.find(({ about }) => about.strategy === own && meets(about, traded))
    if (one !== undefined) found.add(one)
  }
  return [...found]
}

/** A name without the exchange that may stand before it. */
const plain = (symbol: string) => symbol.slice(symbol.indexOf(':') + 1)

function meets({ plan }: Found['about'], { exchange, symbols }: Traded): boolean {
  const exchanges = exchange?.split(',')
  const sameExchange = exchanges === undefined || plan.exchange.split(',').some((one) => exchanges.includes(one))
  const names = symbols?.map(plain)
  return sameExchange && (names === undefined || plan.symbols.some((symbol) => names.includes(plain(symbol))))
}

/** Writes the verdict of a study down before it is removed: it holds until there is a newer one. @throws SmartspeedError LEASE_HELD */
export async function keepVerdict(topics: Topics, study: string): Promise<void> {
  const whole = await studyOf(topics, study)
  if (whole?.validation === undefined) return
  const { strategy, plan, validation } = whole
  const about = { strategy, plan: { exchange: plan.exchange, symbols: plan.symbols } }
  const own: Found = { study, about, kept: { ...validation, answer: {} } }
  await writeLedger(topics, [], ({ verdicts }) => {
    const same = verdicts.find((one) => isDeepStrictEqual(one.about, about))
    const isOlder = same !== undefined && same.kept.madeMs > validation.madeMs
    return isOlder ? {} : { verdicts: [...verdicts.filter((one) => one !== same), own] }
  })
}

/**
 * Lets through what no verdict is red of, or what a person answers for.
 *
 * Out:    the red verdicts that were overridden: whoever goes on writes them down with the reason.
 * Errors: SmartspeedError VERDICT_RED without a reason; CONFIG_INVALID for an empty one.
 */
export async function admit(topics: Topics, traded: Traded, override: string | undefined): Promise<Found[]> {
  if (override !== undefined && override.trim() === '') {
    throw new SmartspeedError('CONFIG_INVALID', '--override is empty: whoever overrides a verdict says why', {
      fix: "for example --override 'one lot only, to compare fills'",
    })
  }
  const red = (await verdictsOn(topics, traded)).filter(({ kept }) => kept.verdict === 'red')
  if (red.length === 0 || override !== undefined) return red
  const said = red.map(({ study, about, kept }) => `${about.strategy} (study ${study}): ${kept.reasons[0] ?? ''}`)
  throw new SmartspeedError('VERDICT_RED', `validation says that this is luck: ${said.join('; ')}`, {
    fix: "validate it anew after it was changed, or answer for it: --override 'REASON', which is written down",
  })
}

interface Answering {
  readonly who: string
  readonly why: string
  /** µs */
  readonly at: number
}

/** Writes an override down in the run's book of acts, once for the same reason. @throws SmartspeedError LEASE_HELD while another act is written */
export async function writeOverride(
  topics: Topics,
  run: string,
  red: readonly Found[],
  { who, why, at }: Answering,
): Promise<void> {
  const what = red.map(({ study, about }) => `red verdict on ${about.strategy} by study ${study}`).join('\n')
  const writer = await topics.writer({ run: controlRun(run) })
  try {
    const acts = await actsIn(topics, controlRun(run))
    if (acts.some((act) => act.action === 'override' && act.why === why && act.what === what)) return
    const act = { action: 'override', outcome: 'done', version: 0, target: '', hash: hashOf({ what, why }) } as const
    await writer.commit({ outputs: [batchOf('audit', [nextAct(acts, run, { ...act, who, what, why }, at)])] })
  } finally {
    await writer.close()
  }
}
