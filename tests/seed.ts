// What every file of a suite begins with. Properties draw the same examples in every run; SMARTSPEED_SEED=n draws others. A failure prints its own seed.
import fc from 'fast-check'
import { afterAll } from 'vitest'
import { countColumnsAsHeap } from '../bin/heap.ts'
import { removeScratch } from './scratch.ts'

fc.configureGlobal({ seed: Number(process.env.SMARTSPEED_SEED ?? 1) })
countColumnsAsHeap()
afterAll(() => {
  removeScratch()
  // Commands listen for Ctrl-C; the test runner ends its workers with a signal.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
})
