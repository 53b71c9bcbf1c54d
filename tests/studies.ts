// Studies as suites make them: in this process, over topics that are open.
import { parseTopology, type TopologyInput } from '../pipelines/config.ts'
import type { StudyAbout, StudySearch } from '../pipelines/study/about.ts'
import { beginStudy, type Study, type StudyWish } from '../pipelines/study/begin.ts'
import { conclude } from '../pipelines/study/conclude.ts'
import { graphTrials } from '../pipelines/study/graph-trials.ts'
import { planOfShare } from '../pipelines/study/market.ts'
import type { Ask, Outcome } from '../pipelines/study/outcome.ts'
import { runStudy, type StudyOptions } from '../pipelines/study/run-study.ts'
import type { Topics } from '../topics/topics.ts'

export interface SearchFor extends Partial<Omit<StudyWish, 'topics' | 'topology' | 'search'>> {
  readonly search?: Partial<StudySearch>
  /** Of the run: chunk, signal, compute. */
  readonly run?: Partial<StudyOptions>
}

/** Axes over a topology, by the graph. */
export async function searchFor(
  topics: Topics,
  topology: TopologyInput,
  axes: readonly string[],
  { search, run, ...more }: SearchFor = {},
): Promise<{ done: StudyAbout; study: Study }> {
  const study = await beginStudy({
    ...{ topics, topology: parseTopology(topology), objective: 'sharpe', top: 3, nowMs: 0 },
    ...{ search: { name: 'grid', axes, seed: 1, ...search }, ...more },
  })
  const done = await runStudy({
    ...{ topics, study: study.study, about: study.about, search: study.search, chunk: 8 },
    compute: (asks) => byGraph(topics, study, asks),
    conclude: (rows) => conclude({ topics, study }, rows),
    clock: { nowMs: () => 0, random: () => 0.5 },
    ...run,
  })
  return { done, study }
}

/** What the graph makes of some trials. */
export async function byGraph(topics: Topics, { about, seat }: Study, asks: readonly Ask[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const ask of asks) {
    const plan = planOfShare(about.plan, about.stretch, ask.share)
    outcomes.push(...(await graphTrials(topics, plan, [seat(ask.params)], { figures: false })).outcomes)
  }
  return outcomes
}
