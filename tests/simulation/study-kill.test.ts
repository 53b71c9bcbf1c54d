// A sweep that is killed amid its trials and started again leaves the trials of one that nobody disturbed, each once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { studyOf } from '../../pipelines/study/about.ts'
import { trialsOf } from '../../pipelines/study/trials.ts'
import { openTopics } from '../../topics/index.ts'
import { testWith } from '../data.ts'
import { importMarket } from '../market.ts'
import { gatedStrategy } from './gated.ts'
import { endMembers, startMember } from './processes.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-study-kill-'))
afterEach(endMembers)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const gated = gatedStrategy(dir, 5)
/** 36 trials on ticks: with one worker chunks of eight, of which the first waits for nothing. */
const sweep = (name: string, ...more: string[]) =>
  startMember([
    ...['sweep', '--strategy', gated.file, '--grid', 'fast=2:13', '--grid', 'slow=20,30,40', '--set', 'size=0.3'],
    ...['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT', '--interval', '1s', '--name', name, '--dir', dir, ...more],
  ])

testWith(
  'time',
  'a sweep that is killed amid its trials goes on with the same command, and ends as if it had not been',
  async () => {
    await importMarket(dir, { seed: 5, minutes: 1 })
    const topics = await openTopics({ engine: 'embedded', dir, readOnly: true })
    const rowsOf = async (study: string) => (await trialsOf(topics, study)).map(({ study: _, ...row }) => row)
    try {
      expect(await sweep('whole').ended).toMatchObject({ code: 0 })
      const whole = await rowsOf('whole')
      expect(whole).toHaveLength(36)
      expect(whole.filter(({ fills }) => fills > 0).length).toBeGreaterThan(10)

      gated.close()
      const first = sweep('killed', '--workers', '1')
      await expect
        .poll(async () => (await rowsOf('killed')).length, { interval: 10, timeout: 120_000 })
        .toBeGreaterThan(0)
      first.signal('SIGKILL')
      // Its worker ends when it sees that nobody listens.
      gated.open()
      expect(await first.ended).toMatchObject({ signal: 'SIGKILL' })
      const left = await rowsOf('killed')
      expect(left.length).toBeLessThan(36)
      expect(left).toEqual(whole.slice(0, left.length))

      expect(await sweep('killed').ended).toMatchObject({ code: 0 })
      expect(await rowsOf('killed')).toEqual(whole)
      const [killed, undisturbed] = [await studyOf(topics, 'killed'), await studyOf(topics, 'whole')]
      expect(killed?.result).toEqual({ ...undisturbed?.result, seconds: killed?.result?.seconds })
    } finally {
      await topics.close()
    }
  },
  300_000,
)
