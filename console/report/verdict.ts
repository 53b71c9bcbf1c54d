// What a reader should think of a run, in a word and in sentences; and why a run did not trade.

import { type WhyIdle, whyNoTrades as whyIdle } from '../../pipelines/why-no-trades.ts'
import type { Money, ReportData } from './data.ts'
import { durationOf, fullE8, short, signed } from './format.ts'

export interface Verdict {
  readonly level: 'good' | 'caution' | 'bad'
  readonly word: string
  readonly sentence: string
  /** Why not better: each a clause that can stand in a list. */
  readonly doubts: readonly string[]
}

/** Round trips below which luck and skill look alike: the least for which a mean says something. */
export const leastTrips = 30
const leastDays = 30
const dayUs = 86_400_000_000

/** What the account won or lost after all costs, 10⁻⁸. */
export const netOf = ({ start, end }: Money): bigint => end - start

/** Profit of closed and open size, less fees, plus funding: must be what the account gained. */
export const accountedFor = ({ realized, unrealized, fees, funding }: Money): bigint =>
  realized + unrealized - fees + funding

/**
 * The verdict of one run. `good` is said of a profit after costs without any doubt listed; whether the strategy was fitted to
 * its data is another question, which needs validation out of sample.
 */
export function verdictOf(data: ReportData): Verdict {
  const { money, currency, activity } = data
  const net = netOf(money)
  const doubts = doubtsOf(data)
  const sentence = sentenceOf(data, net)
  if (data.status !== 'done') {
    return { level: 'bad', word: 'Incomplete', sentence, doubts: [`the run is ${data.status}`, ...doubts] }
  }
  const missing = net - accountedFor(money)
  if (missing !== 0n) {
    const wrong = `profit, fees and funding differ from the account by ${fullE8(missing)} ${currency}`
    return { level: 'bad', word: 'Does not add up', sentence, doubts: [wrong, ...doubts] }
  }
  if (activity.fills === 0) return { level: 'caution', word: 'No trades', sentence, doubts }
  if (net < 0n) return { level: 'bad', word: 'Lost money', sentence, doubts }
  if (net === 0n) return { level: 'caution', word: 'Broke even', sentence, doubts }
  return doubts.length > 0
    ? { level: 'caution', word: 'Made money, unproven', sentence, doubts }
    : { level: 'good', word: 'Made money', sentence, doubts }
}

function doubtsOf({ from, to, tripsOf, activity, problems, luck }: ReportData): string[] {
  const doubts: string[] = []
  if (to - from < leastDays * dayUs)
    doubts.push(`${durationOf((to - from) / 1_000)} of data, less than ${leastDays} days`)
  if (activity.fills > 0 && tripsOf < leastTrips) {
    doubts.push(`${count(tripsOf, 'closed round trip')}, fewer than ${leastTrips}`)
  }
  const bad = problems.filter((problem) => problem.level === 'bad')
  if (bad.length > 0) doubts.push(`${count(bad.length, 'problem')} with the data or the assumptions, listed below`)
  return [...doubts, ...luckDoubts(luck)]
}

/** The best of many is lucky, unless validation says that it is more. */
function luckDoubts(luck: ReportData['luck']): string[] {
  if (luck === undefined) return []
  const { trials, verdicts } = luck
  const said = verdicts.flatMap(({ verdict, strategy, study, reason }) => {
    if (verdict === 'green') return []
    const what = verdict === 'red' ? 'validation says that this is luck' : 'validation is not settled'
    return [`${what} (${strategy}, study ${study}): ${reason}`]
  })
  const unknown =
    verdicts.length === 0 && trials > 1 ? [`one of ${short(trials)} trials on this market, not validated`] : []
  return [...said, ...unknown]
}

function sentenceOf({ money, currency, from, to, activity, tripsOf }: ReportData, net: bigint): string {
  const span = durationOf((to - from) / 1_000)
  if (activity.fills === 0) return `Nothing was traded in ${span}.`
  const result = `${signed(short(Number(net) / 1e8))} ${currency} after costs`
  const part =
    money.start > 0n ? `, ${signed(short((Number(net) / Number(money.start)) * 100))} % of starting cash,` : ''
  return `${result}${part} in ${span}: ${count(activity.fills, 'fill')}, ${count(tripsOf, 'closed round trip')}.`
}

/** Why a run did not trade, and what to do; undefined when it did. */
export function whyNoTrades({ activity, refusals, run }: ReportData): WhyIdle | undefined {
  return whyIdle({ ...activity, refusals, run }, short)
}

/** `1 fill`, `22.08k fills`. */
export function count(number: number, noun: string): string {
  return `${short(number)} ${noun}${number === 1 ? '' : 's'}`
}
