// The ledger of trials, as it is listed.
import { studiesIn } from '../pipelines/study/about.ts'
import { everyTrial } from '../pipelines/study/trials.ts'
import type { Topics } from '../topics/topics.ts'

export interface Ledger {
  /** Different ones. */
  readonly trials: number
  readonly markets: readonly {
    readonly exchange: string
    readonly symbol: string
    readonly strategy: string
    readonly trials: number
  }[]
  /** The newest first. */
  readonly studies: readonly {
    readonly study: string
    readonly strategy: string
    readonly exchange: string
    readonly symbols: readonly string[]
    readonly search: string
    readonly axes: readonly string[]
    readonly trials: number
    readonly status: 'running' | 'finished'
    readonly how: 'graph' | 'vectorized'
    readonly verdict: 'green' | 'amber' | 'red' | null
    readonly reasons: readonly string[]
    readonly startedMs: number
  }[]
}

/** Reads every trial of a place. */
export async function ledgerOf(topics: Topics): Promise<Ledger> {
  const ids = new Set<string>()
  const markets = new Map<string, { exchange: string; symbol: string; strategy: string; trials: number }>()
  const own = new Map<string, number>()
  for await (const { id, exchange, symbol, strategy, study } of everyTrial(topics)) {
    own.set(study, (own.get(study) ?? 0) + 1)
    if (ids.has(id)) continue
    ids.add(id)
    const key = `${exchange} ${symbol} ${strategy}`
    const market = markets.get(key) ?? { exchange, symbol, strategy, trials: 0 }
    market.trials++
    markets.set(key, market)
  }
  const studies = (await studiesIn(topics)).map(({ study, about }) => {
    const { strategy, plan, search, status, how, validation, startedMs } = about
    return {
      ...{ study, strategy, exchange: plan.exchange, symbols: plan.symbols, search: search.name, axes: search.axes },
      ...{ trials: own.get(study) ?? 0, status, how, verdict: validation?.verdict ?? null },
      ...{ reasons: validation?.reasons ?? [], startedMs },
    }
  })
  const sorted = [...markets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, market]) => market)
  return { trials: ids.size, markets: sorted, studies }
}
