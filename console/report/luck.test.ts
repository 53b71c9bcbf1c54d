// What a report says of luck, beside a real study and what validation left of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aboutOf } from '../../pipelines/about.ts'
import type { TopologyInput } from '../../pipelines/config.ts'
import { runTopology } from '../../tests/backtests.ts'
import { describeWith } from '../../tests/data.ts'
import { type Month, month, openMonth } from '../../tests/month.ts'
import { searchFor } from '../../tests/studies.ts'
import { collectReport } from './collect.ts'
import { renderReport } from './page.ts'

const params = { size: 2, mode: 'long-short' }
const topology: TopologyInput = {
  ...{ exchange: month.exchange, symbols: [month.symbol], risk: 'off', to: '2022-01-02' },
  strategy: { name: 'sma-cross', params },
}

describeWith('data', 'what a report says of luck', () => {
  let place: Month
  beforeAll(async () => {
    place = await openMonth()
  }, 60_000)
  afterAll(() => place.close())

  /** The data of the report of a run with these averages. */
  async function reportOf(run: string, fast: number, slow: number) {
    const strategy = { name: 'sma-cross', params: { ...params, fast, slow } }
    await runTopology(place.topics, run, { ...topology, strategy })
    return collectReport(place.topics, run, { about: (await aboutOf(place.topics, run))!, version: '0.0.0' })
  }

  test('a run alone is the only trial, and nobody judged its strategy', async () => {
    expect((await reportOf('alone', 10, 30)).luck).toEqual({ trials: 1, verdicts: [] })
  })

  test('beside a study it is one of all different trials, under the newest verdict on its strategy', async () => {
    const { topics } = place
    const { done } = await searchFor(topics, topology, ['fast=5,20', 'slow=60,240'], { name: 'search' })
    const validation = {
      ...{ verdict: 'red', reasons: ['noise is as good', 'few trips'], trials: 5, method: 'walk-forward' },
      ...{ madeMs: 1, answer: {} },
    } as const
    const writer = await topics.writer({ run: 'search' })
    await writer.commit({ outputs: [], run: { ...done, validation } })
    await writer.close()
    // Four of the study, the run before, and this one; the same again is no other.
    const data = await reportOf('seventh', 7, 70)
    const luck = {
      trials: 6,
      verdicts: [{ strategy: 'sma-cross', study: 'search', verdict: 'red', reason: 'noise is as good' }],
    }
    expect(data.luck).toEqual(luck)
    expect((await reportOf('of-the-study', 20, 240)).luck).toEqual(luck)
    const page = renderReport(data)
    expect(page).toMatch(/6 trials were made on this market · <span class="mark bad">red<\/span>sma-cross by study/)
  })
})
