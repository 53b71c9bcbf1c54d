// What a suite needs, as the runner sees it: runs of a small suite that needs time and data, on a machine without data.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vitestTotals } from '../bin/setup/totals.mjs'
import { root } from './data.ts'

let folder: string
beforeAll(() => {
  mkdirSync(join(root, '.setup'), { recursive: true })
  // Inside the checkout, so that it finds packages; outside of what other runs look through.
  folder = mkdtempSync(join(root, '.setup/named-'))
  writeFileSync(
    join(folder, 'long.test.ts'),
    `import { expect, test } from 'vitest'
    import { describeWith, testWith } from '../../tests/data.ts'
    describeWith('time', 'long', () => test('runs', () => expect(1).toBe(1)))
    describeWith(['time', 'data'], 'long, of data', () => test('runs', () => expect(1).toBe(1)))
    testWith('data', 'of data', () => expect(1).toBe(1))`,
  )
  // As the repository's, with this folder in the place of its projects.
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import config from '../../vitest.config.ts'
    export default { test: { ...config.test, projects: undefined, dir: import.meta.dirname, include: ['**/*.test.ts'] } }`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Totals of `vitest run NAMES` in the folder. */
async function totals(required: string, ...names: string[]) {
  const report = join(folder, `${required}-${names}.json`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [
    vitest,
    'run',
    '--config',
    join(folder, 'vitest.config.ts'),
    '--reporter=json',
    `--outputFile=${report}`,
    ...names,
  ]
  const env = { ...process.env, SMARTSPEED_REQUIRE: required, SMARTSPEED_DATA: join(folder, 'none') }
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number]
  return vitestTotals(JSON.parse(readFileSync(report, 'utf8')), code)
}

const noData = expect.stringContaining('no real data')

test('a suite that takes minutes is skipped, and the reason names the command that runs it', async () => {
  expect(await totals('')).toEqual({
    ...{ passed: 0, failed: 0, skipped: 3 },
    reasons: [expect.stringContaining('SMARTSPEED_REQUIRE=time npm test'), noData],
  })
}, 180_000)

test('it runs where time is required, and where it is named', async () => {
  const ran = { passed: 1, failed: 0, skipped: 2, reasons: [noData] }
  expect(await Promise.all([totals('time'), totals('', 'long')])).toEqual([ran, ran])
}, 180_000)

test('what is required and lacks fails, whatever else lacks', async () => {
  expect(await totals('data')).toMatchObject({ passed: 0, failed: 2, skipped: 1 })
}, 180_000)
