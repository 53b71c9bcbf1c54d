// Trials over whole columns, where that comes to what the graph would: which markets and topologies those are.
import { fixedLength } from '../../operators/bars/interval.ts'
import { instrumentOf } from '../../operators/instrument.ts'
import { textToE8 } from '../../operators/portfolio/money.ts'
import {
  prepareSweep,
  type Sweep,
  type SweepMarket,
  type SweepRange,
  type SweepTerms,
  whyNot,
} from '../../operators/research/vectorized/index.ts'
import type { Topology } from '../config.ts'
import type { Study } from './begin.ts'
import type { TellEquity } from './conclude.ts'
import { planOfShare } from './market.ts'
import type { Ask, Outcome } from './outcome.ts'

/** Trials of a commit: a chunk of them is told of, and kept. */
const chunk = 2_048

export interface VectorizedTrials {
  readonly chunk: number
  compute(asks: readonly Ask[], signal: AbortSignal): Promise<Outcome[]>
  readonly tell: TellEquity
}

/** How a study's trials are computed over columns, or why they cannot be. */
export function vectorizedTrials(
  { about, market, strategy }: Study,
  { threads }: { readonly threads?: number | undefined } = {},
): VectorizedTrials | { readonly why: string } {
  const { plan, account } = about
  const { candles } = market
  if (candles === undefined || plan.fill === 'book') return { why: 'its market is made of ticks' }
  const intervalUs = fixedLength(plan.interval!)
  const other = Object.keys(market.topics).find((topic) => topic !== 'candles')
  if (other !== undefined) return { why: `its market has ${other} beside candles` }
  if (intervalUs === undefined || market.bars !== market.rows) return { why: 'it has candles of other lengths' }
  if (candles.some(({ time, received }) => time.some((opened, at) => received[at] !== opened + intervalUs)))
    return { why: 'some candles were known later than they closed' }
  const why = whyNotTopology(plan.topology)
  if (why !== undefined) return { why }
  const markets = plan.instruments.map((row, at): SweepMarket => {
    return { instrument: instrumentOf(row, at), candles: candles[at]!, takerFee: plan.fees![row.exchange]!.taker }
  })
  const { slippage } = plan.topology.venue
  const [exit] = plan.topology.exits ?? []
  const terms: SweepTerms = {
    ...{ fill: plan.fill, cashE8: textToE8(String(account.cash)), intervalUs },
    ...(typeof slippage === 'object' ? { slippageBps: (slippage as { bps: number }).bps } : {}),
    ...(exit === undefined ? {} : stopOf(exit)),
  }
  const refused = whyNot(strategy, markets, terms)
  if (refused !== undefined) return { why: refused }
  const begin = plan.from === undefined ? {} : { from: plan.from }
  const prepare = (range: SweepRange) => prepareSweep(strategy, markets, terms, { ...begin, ...range })
  // The whole of it serves all chunks; a search that looks at shares comes back to few of them.
  const made = new Map<number, Sweep>()
  const upTo = (share: number) => {
    const { to } = planOfShare(plan, about.stretch, share)
    const known = made.get(share) ?? prepare(to === undefined ? {} : { to })
    made.set(share, known)
    return known
  }
  const options = threads === undefined ? {} : { threads }
  return {
    chunk,
    async compute(asks, signal) {
      const outcomes: Outcome[] = []
      for (const group of byShare(asks)) {
        const params = group.map((ask) => ask.params)
        const trials = await upTo(group[0]!.share).run(params, { ...options, signal })
        const days = trials.ends.length
        for (const at of group.keys()) {
          const dayEquity = new Float64Array(days + 1)
          dayEquity[0] = account.cash
          dayEquity.set(trials.endEquity.subarray(at * days, (at + 1) * days), 1)
          outcomes.push({
            ...{ finalEquityE8: trials.finalEquityE8[at]!, feesE8: trials.feesE8[at]!, fills: trials.fills[at]! },
            ...{ trips: trials.trips[at]!, wins: trials.wins[at]!, dayEquity },
          })
        }
      }
      return outcomes
    },
    tell: async (params, ends) => (await prepare({ ends }).run([params])).endEquity,
  }
}

/** What of a topology no column knows; undefined where there is nothing of the kind. */
function whyNotTopology({
  risk,
  flashCrash,
  sizing,
  exits = [],
  execution,
  venue,
  ...rest
}: Topology): string | undefined {
  if (risk !== 'off') return 'risk is on'
  if (flashCrash !== undefined && flashCrash !== 'off') return 'it watches for flash crashes'
  if (rest.regimeScaling) return 'its size follows the regime'
  if (!isPlain(sizing)) return 'its orders are sized by a rule'
  if (execution !== undefined) return 'its orders are sent in parts'
  if (exits.length > 1 || (exits.length === 1 && stopOf(exits[0]!) === undefined))
    return 'it has exits beside a plain stop'
  const { latency, slippage, limits, margin, funding } = venue
  if (latency !== 0) return 'orders take time'
  if (slippage !== 'none' && !isBps(slippage)) return 'slippage depends on the market'
  if (limits !== 'off') return 'the exchange limits orders'
  if (margin !== undefined) return 'it has a margin account'
  if (funding.rate !== undefined) return 'funding is paid'
  if (venue.filters.maxSize !== undefined) return 'the exchange limits the size of an order'
  if (rest.strategies.some(({ interval }) => interval !== undefined)) return 'it sees bars of another interval'
  if (rest.account.collateral !== undefined) return 'its account has other assets'
  return undefined
}

function isPlain(sizing: Topology['sizing']): boolean {
  if (Array.isArray(sizing)) return sizing.length === 1 && isPlain(sizing[0]!)
  const { name, factor = 1, ...more } = sizing as { name: string; factor?: number }
  return name === 'fixed' && factor === 1 && Object.keys(more).length === 0
}

function isBps(slippage: unknown): boolean {
  if (typeof slippage !== 'object' || slippage === null) return false
  return Object.entries(slippage).every(([part, value]) => part === 'bps' || value === 0)
}

/** Stop and target of an exit that has nothing else. */
function stopOf(exit: Readonly<Record<string, unknown>>): { stopLoss: number; takeProfit?: number } | undefined {
  const { name, share = 0.02, target = 0, breakEvenAt = 0, ...more } = exit
  if (name !== 'stop' || breakEvenAt !== 0 || Object.keys(more).length > 0) return undefined
  return { stopLoss: share as number, ...(target === 0 ? {} : { takeProfit: target as number }) }
}

/** Neighbours of equal share. */
function byShare(asks: readonly Ask[]): Ask[][] {
  const groups: Ask[][] = []
  for (const ask of asks) {
    const last = groups.at(-1)
    if (last !== undefined && last[0]!.share === ask.share) last.push(ask)
    else groups.push([ask])
  }
  return groups
}
