import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { seatsOf } from '../tests/backtests.ts'
import { importSparse, threeAccounts } from '../tests/tasks.ts'
import { openTopics } from '../topics/index.ts'
import { Beginning } from './beginning.ts'
import { parseTopology } from './config.ts'

const dir = mkdtempSync(join(tmpdir(), 'smartspeed-beginning-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a task that is taken back while it waits for the first one to begin the run waits no longer', async () => {
  const topics = await openTopics({ dir })
  await importSparse(topics, { symbols: ['AUSDT', 'BUSDT'], minutes: 2, partitions: 2 })
  const topology = parseTopology(threeAccounts)
  const clock = { nowMs: () => 0 }
  const beginning = await Beginning.open({ topics, topology, seats: seatsOf(topology), codeHash: 'code', clock })
  const taken = new AbortController()
  const waiting = beginning.about(undefined, taken.signal)
  taken.abort()
  expect(await waiting).toBeUndefined()
  await topics.close()
})
