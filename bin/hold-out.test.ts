import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TopologyInput } from '../pipelines/config.ts'
import type { StudyAbout } from '../pipelines/study/about.ts'
import { countTrials, trialsOf } from '../pipelines/study/trials.ts'
import { validateStudy } from '../pipelines/study/validate.ts'
import { describeWith } from '../tests/data.ts'
import { type Month, month, openMonth } from '../tests/month.ts'
import { scratch } from '../tests/scratch.ts'
import { searchFor } from '../tests/studies.ts'
import { writeValidation } from './study-pages.ts'
import { type Validated, validateResult, validateText } from './validate.ts'

const until = (to: string): TopologyInput => ({
  ...{ exchange: month.exchange, symbols: [month.symbol], risk: 'off', to },
  strategy: { name: 'sma-cross', params: { size: 2, mode: 'long-short' } },
})

describeWith('data', 'a hold-out', () => {
  let place: Month
  beforeAll(async () => {
    place = await openMonth()
  }, 60_000)
  afterAll(() => place.close())

  /** As `smartspeed validate` does; the same name once more validates the same study again. */
  async function validate(name: string, to: string, nowMs: number): Promise<Validated> {
    const { topics } = place
    const { done, study } = await searchFor(topics, until(to), ['fast=5,20', 'slow=60,240'], { name, holdOut: 0.25 })
    const how = {
      method: 'purged-kfold',
      windows: 2,
      embargo: 0,
      anchored: false,
      samples: 20,
      seed: 1,
      nowMs,
    } as const
    const judged = await validateStudy({ topics, study, about: done, ...how })
    const count = await countTrials(topics, { ...month, symbols: [month.symbol], strategy: 'sma-cross' })
    return { ...judged, studied: { name, about: done as Required<StudyAbout>, study, count } }
  }

  test('is seen by no trial of the search, and each reading of it is counted and said', async () => {
    const first = await validate('first', '2022-01-25', 1)
    const begin = first.studied.about.holdOut!.from!
    for (const { end } of await trialsOf(place.topics, 'first')) expect(end).toBeLessThan(begin)
    expect(first.answer.sealed).toMatchObject({ readsBefore: 0, seenBefore: 0 })
    expect(validateText(first, 80)).toMatch(/^ {2}its seal +whole: nobody had seen any of it before$/m)
    // The best parameters are the same, and so is their trial: what counts is that it was read again.
    const again = await validate('first', '2022-01-25', 2)
    expect(validateResult(again).sealed).toMatchObject({ readsBefore: 1, seenBefore: 1 })
    expect(validateText(again, 80)).toMatch(/^ {2}its seal +broken: 1 validation and 1 trial had seen it$/m)
    // Another study, whose hold-out has some of the same days; and one whose days were only searched on.
    expect((await validate('other', '2022-01-27', 3)).answer.sealed).toMatchObject({ readsBefore: 2 })
    const before = (await validate('before', '2022-01-18', 4)).answer.sealed!
    expect(before.readsBefore).toBe(0)
    expect(before.seenBefore).toBeGreaterThan(4)
    expect((await validate('first', '2022-01-25', 5)).answer.sealed).toMatchObject({ readsBefore: 3 })
  })

  test('is on the page, with how often it was read before', async () => {
    const file = join(scratch(), 'verdict.html')
    await writeValidation(await validate('first', '2022-01-25', 6), file)
    const [, box] = /id="hold-out">(.*?)<\/p>/s.exec(readFileSync(file, 'utf8'))!
    const text = box!.replaceAll(/<[^>]*>/g, '')
    expect(text).toMatch(
      /From 2022-01-18 to 2022-01-2\d, which no trial of the search saw: Sharpe ratio .+, return .+ %/,
    )
    // Of the other study, too, all four trials saw two days of it, and the best of them all.
    expect(text).toContain('4 validations and 6 trials had seen some of it before this one')
  })
})
