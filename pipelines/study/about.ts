// What is kept with a study: what it searched, over what, and what it came to.
import type { Topics } from '../../topics/topics.ts'
import type { StrategyConfig } from '../config.ts'
import type { Plan } from '../plan.ts'
import type { Params, Stretch } from './outcome.ts'
import type { KeptVerdict } from './verdict.ts'

/** What trials are ranked by; each larger the better. */
export const objectives = ['sharpe', 'totalReturn', 'calmar', 'drawdown'] as const
export type Objective = (typeof objectives)[number]

export interface StudySearch {
  readonly name: string
  /** As they were said: `fast=2:101`. */
  readonly axes: readonly string[]
  /** Most trials that it may make; undefined: as many as the axes have. */
  readonly trials?: number | undefined
  readonly seed: number
}

export interface BestTrial {
  readonly trial: number
  readonly params: Params
  readonly finalEquity: number
  readonly totalReturn: number | null
  readonly sharpe: number | null
  readonly drawdown: number | null
  readonly fills: number
  readonly trades: number
  readonly winRate: number | null
  readonly fees: number
}

export interface StudyResult {
  /** Trials that were made; combinations that the strategy refuses are not tried. */
  readonly combinations: number
  readonly refused: number
  readonly failed: number
  /** Bars, or market rows on ticks, that each of them saw. */
  readonly bars: number
  readonly seconds: number
  readonly rankedBy: Objective
  readonly best: readonly BestTrial[]
  /** Of a search for several objectives: the trials that none is better than in all of them. */
  readonly front?: readonly BestTrial[]
  /** How many of the best were traded again by the event-driven graph, and came to the same; 0 where all were. */
  readonly replayed: number
}

export interface StudyAbout {
  readonly kind: 'study'
  readonly status: 'running' | 'finished'
  readonly plan: Plan
  readonly strategy: string
  readonly file?: string | undefined
  /** Of that file and what it imports, when the study began. */
  readonly fileHash?: string | undefined
  /** Of the bars that it sees, where they are not the plan's. */
  readonly interval?: string | undefined
  readonly account: StrategyConfig['account']
  /** Parameters that every trial has. */
  readonly fixed: Params
  readonly search: StudySearch
  readonly objective: Objective
  readonly top: number
  readonly how: 'graph' | 'vectorized'
  /** Its tasks by number; task n alone writes partition n. */
  readonly tasks: readonly string[]
  readonly stretch: Stretch
  /** What comes after it and was kept from the study, if anything was. */
  readonly holdOut?: Plan | undefined
  readonly codeHash: string
  readonly configHash: string
  readonly startedMs: number
  readonly result?: StudyResult
  /** The newest validation of it. */
  readonly validation?: KeptVerdict
}

export function readStudy(about: unknown): StudyAbout | undefined {
  return (about as Partial<StudyAbout> | undefined)?.kind === 'study' ? (about as StudyAbout) : undefined
}

export async function studyOf(topics: Topics, name: string): Promise<StudyAbout | undefined> {
  return readStudy((await topics.runs()).find((one) => one.run === name)?.about)
}

/** Every study of a place, the newest first. */
export async function studiesIn(topics: Topics): Promise<{ study: string; about: StudyAbout }[]> {
  return (await topics.runs())
    .flatMap(({ run, about }) => {
      const read = readStudy(about)
      return read === undefined ? [] : [{ study: run, about: read }]
    })
    .sort((a, b) => b.about.startedMs - a.about.startedMs || (a.study < b.study ? -1 : 1))
}
