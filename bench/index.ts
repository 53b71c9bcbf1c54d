// Every bench; a new one is a line here.
import { assets } from './assets.ts'
import { bars } from './bars.ts'
import type { Bench } from './bench.ts'
import { crossover } from './crossover.ts'
import { day } from './day.ts'
import { embedded } from './embedded.ts'
import { features } from './features.ts'
import { importing } from './import.ts'
import { indicators } from './indicators.ts'
import { kafka } from './kafka.ts'
import { kafkaGraph } from './kafka-graph.ts'
import { kafkaLatency } from './kafka-latency.ts'
import { marketMaking, marketMakingRepeated } from './market-making.ts'
import { orders } from './orders.ts'
import { regimes } from './regime.ts'
import { regimeLatency } from './regime-latency.ts'
import { report } from './report.ts'
import { risk } from './risk.ts'
import { scale } from './scale.ts'
import { spread } from './spread.ts'
import { stress } from './stress.ts'
import { sweep } from './sweep.ts'
import { sweepAccount } from './sweep-account.ts'
import { tickRate } from './tick-rate.ts'
import { ticks } from './ticks.ts'
import { trials } from './trials.ts'

export const benches: readonly Bench[] = [
  bars,
  marketMaking,
  marketMakingRepeated,
  importing,
  embedded,
  indicators,
  features,
  regimes,
  risk,
  orders,
  ticks,
  stress,
  report,
  crossover,
  sweep,
  sweepAccount,
  trials,
  tickRate,
  regimeLatency,
  day,
  assets,
  spread,
  kafka,
  kafkaGraph,
  kafkaLatency,
  scale,
]
