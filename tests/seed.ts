// What every process of a suite begins with. Properties draw the same examples in every run; SMARTSPEED_SEED=n draws others. A failure prints its own seed.
import fc from 'fast-check'
import { countColumnsAsHeap } from '../bin/heap.ts'

fc.configureGlobal({ seed: Number(process.env.SMARTSPEED_SEED ?? 1) })
countColumnsAsHeap()
