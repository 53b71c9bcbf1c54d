// A study from the command line: topics, workers, progress, Ctrl-C, and what a person reads at its end.
import type { Topology } from '../pipelines/config.ts'
import type { Objective, StudyAbout, StudySearch } from '../pipelines/study/about.ts'
import { beginStudy, type Study } from '../pipelines/study/begin.ts'
import { conclude } from '../pipelines/study/conclude.ts'
import { runStudy } from '../pipelines/study/run-study.ts'
import { countTrials, type TrialCount } from '../pipelines/study/trials.ts'
import { vectorizedTrials } from '../pipelines/study/vectorized.ts'
import type { Topics } from '../topics/topics.ts'
import { engineOptions, type MemberWhere, openLog } from './options.ts'
import { counted } from './output.ts'
import { progress } from './progress.ts'
import { stopSignal } from './stop.ts'
import { table } from './table.ts'
import { trialPool } from './trial-pool.ts'

export interface StudyCall extends MemberWhere {
  readonly topology: Topology
  readonly name?: string | undefined
  readonly search: StudySearch
  readonly objective: Objective
  readonly top: number
  readonly tasks?: number | undefined
  readonly workers?: number | undefined
  /** By the graph, also where there is a faster way. */
  readonly replay?: boolean
  /** Share of the time, its last, that is kept from the study. */
  readonly holdOut?: number | undefined
}

export interface Studied {
  readonly name: string
  readonly about: StudyAbout & { readonly result: NonNullable<StudyAbout['result']> }
  readonly study: Study
  readonly count: TrialCount
}

/** Works on a study until it has come to its end; `then` reads what it left while its topics are open. */
export async function studyHere<T>(
  call: StudyCall,
  then: (topics: Topics, studied: Studied) => Promise<T>,
): Promise<T> {
  const where = { ...call, engine: call.topology.engine ?? call.engine, dir: call.topology.dir ?? call.dir }
  const topics = await openLog(where)
  const bar = progress('study', { unit: 'trials' })
  const signal = stopSignal()
  try {
    const study = await beginStudy({ ...call, topics, nowMs: Date.now() })
    const fast = call.replay === true ? { why: 'by --replay' } : vectorizedTrials(study)
    const isFast = 'compute' in fast
    const about: StudyAbout = { ...study.about, how: isFast ? 'vectorized' : 'graph' }
    const pool = trialPool(
      {
        ...{ engine: engineOptions(where), plan: about.plan, stretch: about.stretch },
        strategy: { name: about.file ?? about.strategy, interval: about.interval, account: about.account },
      },
      call.workers,
    )
    try {
      const done = await runStudy({
        ...{ topics, study: study.study, about, search: study.search, signal },
        ...(isFast ? { compute: fast.compute, chunk: fast.chunk } : { compute: pool.compute, chunk: pool.chunk }),
        conclude: (rows, ends) => conclude({ topics, study, signal: ends, tell: isFast ? fast.tell : undefined }, rows),
        clock: { nowMs: () => performance.timeOrigin + performance.now(), random: () => Math.random() },
        onTrials: ({ done, total, made }) => bar.update(done, total, made),
      })
      bar.stop()
      const { exchange, symbols } = about.plan
      const count = await countTrials(topics, { exchange, symbols, strategy: about.strategy })
      return await then(topics, { name: study.study, about: done as Studied['about'], study, count })
    } finally {
      pool.close()
    }
  } finally {
    bar.stop()
    await topics.close()
  }
}

/** What CLI.md promises of `sweep`. */
export function sweepResult({ name, about, count }: Studied) {
  const { strategy, how, search, plan, stretch, result } = about
  const { combinations, bars, seconds, best, ...rest } = result
  return {
    ...{ study: name, strategy, exchange: plan.exchange, symbols: plan.symbols, from: stretch.from, to: stretch.to },
    ...{ combinations, bars, seconds, best, trialsSoFar: count.all },
    ...{ trialsOfStrategy: count.ofStrategy, how, search: search.name, ...rest },
  }
}

const words = { sharpe: 'Sharpe', totalReturn: 'return', calmar: 'Calmar', drawdown: 'drawdown' } as const

/** The result in a screen of 80 columns, the answer first. */
export function sweepText({ name, about, count, study }: Studied): string {
  const { result, how, strategy, plan } = about
  const { combinations, refused, failed, seconds, best, rankedBy, replayed, bars } = result
  const [first] = best
  const axes = study.space.axes.map((axis) => axis.name)
  const shown = (params: Readonly<Record<string, unknown>>) => axes.map((axis) => `${axis}=${params[axis]}`).join(' ')
  const percent = (value: number | null) => (value === null ? '–' : `${(value * 100).toFixed(2).replace('-', '−')} %`)
  const decimal = (value: number | null) => (value === null ? '–' : value.toFixed(2).replace('-', '−'))
  const onTicks = plan.fill === 'book'
  const rate = (combinations * bars) / Math.max(seconds, 1e-9)
  return [
    first === undefined
      ? `${name}: none of ${counted(combinations, 'trial', 'trials')} of ${strategy} came to anything; smartspeed backtest with one of them says why`
      : `${name}: best of ${counted(combinations, 'trial', 'trials')} by ${words[rankedBy]} is ${shown(first.params)}`,
    `  ${plan.exchange} ${plan.symbols.join(', ')}, ${onTicks ? counted(bars, 'row', 'rows') : counted(bars, 'bar', 'bars')} each, in ${seconds.toFixed(2)} s: ${(rate / 1e6).toFixed(1)} M ${onTicks ? 'rows' : 'bars'}/s`,
    how === 'graph'
      ? '  every trial was traded by the event-driven graph'
      : replayed === 0
        ? '  over columns'
        : `  over columns; ${counted(replayed, 'trial', 'trials')} traded again by the event-driven graph: equal to the last unit`,
    ...(refused > 0 ? [`  ${counted(refused, 'combination', 'combinations')} that ${strategy} does not take`] : []),
    ...(failed > 0
      ? [`  ! ${counted(failed, 'trial', 'trials')} failed: smartspeed cat trials --run ${name} says why`]
      : []),
    ...(best.length === 0
      ? []
      : [
          table(
            ['parameters', 'Sharpe', 'return', 'drawdown', 'fills', 'trips', 'won'],
            best.map((one) => [
              ...[shown(one.params), decimal(one.sharpe), percent(one.totalReturn), percent(one.drawdown)],
              ...[String(one.fills), String(one.trades), percent(one.winRate)],
            ]),
          ),
        ]),
    ...(result.front === undefined
      ? []
      : [
          `  ${counted(result.front.length, 'trial', 'trials')} that none is better than in ${words[rankedBy]} and drawdown: --json has them`,
        ]),
    `  ${counted(count.all, 'trial', 'trials')} were ever made on this market: the best of so many is lucky; smartspeed validate says how much of it is more than luck`,
  ].join('\n')
}
