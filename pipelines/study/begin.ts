// What a study is to be, decided before its first trial: its market, its space of parameters, and which search goes through it.

import { dayUs } from '../../operators/metrics/curve.ts'
import {
  countOf,
  type Params as Point,
  parseAxes,
  type Search,
  type Space,
  searchOf,
} from '../../operators/research/search/index.ts'
import { isList } from '../../operators/research/search/space.ts'
import { parseParameters, typedParameters } from '../../operators/strategies/parameters.ts'
import type { Strategy } from '../../operators/strategies/strategy.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Topics } from '../../topics/topics.ts'
import { checkName, freeName } from '../begin.ts'
import { hashOf, type Topology } from '../config.ts'
import { planOf } from '../plan.ts'
import { type Seat, seatOf } from '../seats.ts'
import { type FoundStrategy, findStrategy } from '../strategy-file.ts'
import { type Objective, type StudyAbout, type StudySearch, studyOf } from './about.ts'
import { type StudyMarket, studyMarket } from './market.ts'
import type { Params } from './outcome.ts'
import type { Asking, Told } from './run-study.ts'

/** What is asked for. */
export interface StudyWish {
  readonly topics: Topics
  /** With one strategy, whose parameters are those that every trial has. */
  readonly topology: Topology
  readonly name?: string | undefined
  readonly search: StudySearch
  readonly objective: Objective
  /** How many of the best are told of. */
  readonly top: number
  readonly tasks?: number | undefined
  /** Share of the market's time, its last, that is kept from the study; none when left out. */
  readonly holdOut?: number | undefined
  readonly nowMs: number
}

export interface Study {
  readonly study: string
  readonly about: StudyAbout
  readonly search: Asking
  readonly market: StudyMarket
  readonly strategy: Strategy
  readonly space: Space
  /** Combinations that the strategy refuses; those of a search that does not go through all are not counted. */
  readonly refused: number
  /** Who trades with a set of parameters. */
  seat(params: Params): Seat
}

/** Trials of a generation, where a search learns from one to the next: the same on every machine, or results would differ. */
const generation = 8

/** Trials of a search that has no end of its own, where nobody says how many. */
const usualTrials = 200

/**
 * @throws SmartspeedError UNKNOWN_NAME, USAGE and CONFIG_INVALID for a strategy, a search, axes or parameters that cannot be; what `planOf` throws;
 *         NO_DATA for a market without rows
 */
export async function beginStudy(wish: StudyWish): Promise<Study> {
  const { topics, topology, objective, top, tasks = 1, nowMs } = wish
  if (topology.strategies.length !== 1) {
    throw new SmartspeedError('CONFIG_INVALID', `a study searches one strategy, not ${topology.strategies.length}`, {
      fix: 'a study for each of them',
    })
  }
  const config = topology.strategies[0]!
  const found = await findStrategy(config.name)
  const { strategy, file, fileHash, codeHash } = found
  const seat = (params: Params) => seatOf({ ...config, params: { ...config.params, ...params } }, found)
  const { space, search, refused } = searching(found, config.params, wish.search)
  const study = wish.name ?? (await freeName(topics, { what: `${strategy.name}-study` }))
  checkName(study)
  const before = await studyOf(topics, study)
  const { engine: _engine, dir: _dir, strategies: _, ...what } = topology
  const configHash = hashOf(
    JSON.parse(JSON.stringify({ what, config, search: wish.search, objective, top, holdOut: wish.holdOut ?? 0 })),
  )
  // What came to the topics since a study began is not seen by it.
  const { plan, holdOut } = before ?? (await plansOf(wish, strategy))
  const market = await studyMarket(topics, plan)
  const about: StudyAbout = {
    ...{ kind: 'study', status: 'running', plan, strategy: strategy.name, file, fileHash },
    ...{
      interval: config.interval,
      account: config.account,
      fixed: config.params,
      search: wish.search,
      objective,
      top,
      how: 'graph',
      stretch: market.stretch,
      holdOut,
    },
    tasks: Array.from({ length: before?.tasks.length ?? tasks }, (_, task) => `trials-${task}`),
    ...{ codeHash, configHash, startedMs: before?.startedMs ?? nowMs },
  }
  if (about.tasks.length > 1 && !['grid', 'random'].includes(wish.search.name)) {
    throw new SmartspeedError('CONFIG_INVALID', `--tasks ${tasks}: ${wish.search.name} learns from all trials before`, {
      fix: 'leave --tasks out, or search by grid or random',
    })
  }
  return { study, about, search, market, strategy, space, refused, seat }
}

/** What the study sees, and what is kept from it: from a UTC midnight on, where the market has more than two days. */
async function plansOf({ topics, topology, holdOut = 0 }: StudyWish, strategy: Strategy) {
  const whole = await planOf(topics, topology, [strategy])
  if (holdOut === 0) return { plan: whole, holdOut: undefined }
  const { from, to } = (await studyMarket(topics, whole)).stretch
  const at = Math.floor(from + (1 - holdOut) * (to - from))
  const midnight = Math.floor(at / dayUs) * dayUs
  const cut = midnight - from >= dayUs ? midnight : at
  const plans = [
    { ...topology, to: cut },
    { ...topology, from: cut },
  ].map((one) => planOf(topics, one, [strategy]))
  const [plan, rest] = await Promise.all(plans)
  return { plan: plan!, holdOut: rest! }
}

function searching({ strategy }: FoundStrategy, said: Params, { name, axes, trials, seed }: StudySearch) {
  // Those of flags are texts.
  const fixed = typedParameters(strategy, said)
  const space = parseAxes(axes)
  if (space.axes.length === 0) {
    throw new SmartspeedError('USAGE', 'a study needs an axis at least', { fix: 'for example --grid fast=2:101' })
  }
  const fits = (params: Params) => strategy.parameters.safeParse({ ...fixed, ...params }).success
  const kind = searchOf(name)
  const isGrid = name === 'grid'
  const { combinations, refused } = isGrid
    ? countOf(space, fits)
    : { combinations: Number.POSITIVE_INFINITY, refused: 0 }
  if (searchOf('random').create(space, { seed, trials: 1, fits }).ask([]).length === 0) {
    // A name that the strategy does not know, or values that it never takes: it says so itself.
    const first = space.axes.map((axis) => [axis.name, isList(axis) ? axis.values[0] : axis.from])
    parseParameters(strategy, { ...fixed, ...Object.fromEntries(first) })
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `strategy ${strategy.name} takes no combination of ${axes.join(', ')}`,
      {
        fix: 'smartspeed backtest --strategy NAME with one of them says why',
      },
    )
  }
  const most = trials ?? (isGrid ? combinations : usualTrials)
  const search: Search = kind.create(space, { seed, fits, ...sizesOf(name, most) })
  const complete = (params: Point): Params => parseParameters(strategy, { ...fixed, ...params })
  const asking: Asking = {
    ask: (told) =>
      search
        .ask(told as readonly (Told & { params: Point })[])
        .map(({ params, share }) => ({ share, params: complete(params) })),
  }
  return { space, search: asking, refused }
}

/** How many trials at most, and at once. */
function sizesOf(search: string, most: number): { readonly trials: number; readonly batch: number } {
  // Of halving `most` begin; what comes of them are a few more.
  if (search === 'halving') return { trials: Number.POSITIVE_INFINITY, batch: most }
  return { trials: most, batch: search === 'tpe' ? generation : search === 'pareto' ? 6 * generation : most }
}
