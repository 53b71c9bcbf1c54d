import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTopics } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { actsIn, brokenAt } from '../audit.ts'
import { controlRun } from '../control.ts'
import { admit, type KeptVerdict, verdictsOn, writeOverride } from './verdict.ts'

let dir: string
let topics: Topics

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smartspeed-verdict-'))
  topics = await openTopics({ dir })
})
afterAll(async () => {
  await topics.close()
  rmSync(dir, { recursive: true })
})

/** A study as validation leaves it; only what verdicts are found by. */
async function validated(
  study: string,
  strategy: string,
  kept: Pick<KeptVerdict, 'verdict' | 'madeMs'>,
  symbols = ['AB'],
) {
  const validation = { ...kept, reasons: [`${study} says so`], trials: 10, method: 'walk-forward', answer: {} }
  const about = { kind: 'study', strategy, startedMs: 0, plan: { exchange: 'x', symbols }, validation }
  const writer = await topics.writer({ run: study })
  await writer.commit({ outputs: [], run: about })
  await writer.close()
}

const sma = { exchange: 'x', symbols: ['AB'], strategies: [{ name: 'sma-cross' }] }

test('a strategy that was never validated is let through', async () => {
  expect(await admit(topics, sma, undefined)).toEqual([])
})

test('the newest verdict on a strategy and a market of it holds', async () => {
  await validated('old', 'sma-cross', { verdict: 'green', madeMs: 1 })
  await validated('new', 'sma-cross', { verdict: 'red', madeMs: 2 })
  await validated('elsewhere', 'sma-cross', { verdict: 'amber', madeMs: 3 }, ['CD'])
  await validated('other', 'grid', { verdict: 'amber', madeMs: 4 })
  expect((await verdictsOn(topics, sma)).map(({ study }) => study)).toEqual(['new'])
  await expect(admit(topics, sma, undefined)).rejects.toMatchObject({
    code: 'VERDICT_RED',
    message: 'validation says that this is luck: sma-cross (study new): new says so',
  })
  // Where a topology does not say its market, it may be that one.
  await expect(admit(topics, { ...sma, exchange: undefined, symbols: undefined }, undefined)).resolves.toEqual([])
  await validated('elsewhere', 'sma-cross', { verdict: 'amber', madeMs: 1 }, ['CD'])
  await expect(admit(topics, { ...sma, exchange: undefined, symbols: undefined }, undefined)).rejects.toThrow('luck')
  await expect(admit(topics, { ...sma, symbols: ['x:AB', 'CD'] }, undefined)).rejects.toThrow('luck')
  expect(await admit(topics, { ...sma, symbols: ['CD'] }, undefined)).toEqual([])
  expect(await admit(topics, { ...sma, strategies: [{ name: 'grid' }] }, undefined)).toEqual([])
})

test('one strategy among several is enough for a refusal', async () => {
  const both = { ...sma, strategies: [{ name: 'grid' }, { name: 'sma-cross' }] }
  await expect(admit(topics, both, undefined)).rejects.toMatchObject({ code: 'VERDICT_RED' })
})

test('a reason lets it through and is written down once, in a book that shows what was changed', async () => {
  await expect(admit(topics, sma, ' ')).rejects.toThrow('--override is empty')
  const red = await admit(topics, sma, 'one lot only')
  expect(red.map(({ study }) => study)).toEqual(['new'])
  const answer = { who: 'ann@desk', why: 'one lot only', at: 5 }
  await writeOverride(topics, 'paper', red, answer)
  await writeOverride(topics, 'paper', red, { ...answer, at: 9 })
  await writeOverride(topics, 'paper', red, { ...answer, why: 'two lots', at: 10 })
  const acts = await actsIn(topics, controlRun('paper'))
  expect(acts).toMatchObject([
    {
      action: 'override',
      who: 'ann@desk',
      why: 'one lot only',
      what: 'red verdict on sma-cross by study new',
      time: 5,
    },
    { action: 'override', why: 'two lots', time: 10 },
  ])
  expect(brokenAt(acts)).toBe(undefined)
})

test('a later verdict that is not red ends the refusal', async () => {
  await validated('newer', 'sma-cross', { verdict: 'amber', madeMs: 8 })
  expect(await admit(topics, sma, undefined)).toEqual([])
})
