// Every bench; a new one is a line here.
import { bars } from './bars.ts'
import type { Bench } from './bench.ts'
import { embedded } from './embedded.ts'

export const benches: readonly Bench[] = [bars, embedded]
