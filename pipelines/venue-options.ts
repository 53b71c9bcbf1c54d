// A topology's venue as the simulated exchange takes it: what is short for something written out, what was read from files put in.
import { lowestTier } from '../operators/execution/fee-schedules.ts'
import type { FeeRates } from '../operators/execution/fees.ts'
import type { LatencyOptions, VenueOptions } from '../operators/execution/index.ts'
import { latency } from '../operators/execution/latency/index.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Topology } from './config.ts'
import type { Fill } from './fill.ts'
import { recordedIn } from './latency-file.ts'
import type { DatedRates, Plan } from './plan.ts'

type Venue = Topology['venue']
type Traded = Plan['instruments'][number]

/** What of a plan's venue is said elsewhere: with a date in a list of ours, or in a file of the user's. */
export type VenueData = Pick<Plan, 'fees' | 'recorded'>

/**
 * What a venue will need, looked up and read when a run begins.
 *
 * In:     instruments — that the run trades; start — when its data begin, µs.
 * Errors: CONFIG_INVALID for an exchange without known fees or latency, or a fill model that the data cannot have; those of `recordedIn`.
 */
export async function venueDataOf(
  venue: Venue,
  {
    fill,
    instruments,
    start,
  }: { readonly fill: Fill; readonly instruments: readonly Traded[]; readonly start: number },
): Promise<VenueData> {
  if (fill !== 'book' && venue.fills === 'queue') {
    throw new SmartspeedError('CONFIG_INVALID', `venue.fills = "queue": candles know of no queue; fill = "${fill}"`, {
      fix: 'leave it out, or choose fills: touch',
      at: ['venue', 'fills'],
    })
  }
  const exchanges = [...new Set(instruments.map(({ exchange }) => exchange))]
  const { latency: said } = venue
  const recorded = typeof said === 'object' && 'file' in said ? await recordedIn(said.file, said.by) : undefined
  for (const exchange of exchanges) latency(latencyOf(venue, recorded), { exchange, seed: '' })
  const fees: Record<string, DatedRates> = {}
  for (const exchange of exchanges) {
    const rates = feesSaid(venue, exchange)
    fees[exchange] = rates === 'vip0' ? lowestTier(exchange, start) : rates
  }
  return { fees, ...(recorded === undefined ? {} : { recorded }) }
}

/** What a venue of a plan takes, beside its markets and its account. */
export function venueOptions(plan: Plan): Omit<VenueOptions, 'fill' | 'markets' | 'account'> {
  const { venue, seed } = plan.topology
  const { fills, queue, slippage, limits, funding, filters, selfTrade } = venue
  return {
    ...{
      slippage,
      limits,
      funding,
      filters,
      selfTrade,
      seed,
      latency: latencyOf(venue, plan.recorded),
      fees: feesIn(plan),
    },
    ...(fills === undefined ? {} : { fills }),
    ...(typeof queue === 'string' ? { queue } : { queue: queue.model, queueExponent: queue.exponent }),
  }
}

/** The rates of each exchange of a plan. */
export function feesIn({ fees, exchange, topology: { venue } }: Plan): Readonly<Record<string, DatedRates>> {
  return fees ?? { [exchange]: venue.fees as FeeRates }
}

/** The model of latency that a topology chooses. */
export function latencyOf({ latency: said }: Venue, recorded: VenueData['recorded']): LatencyOptions {
  if (typeof said === 'number') return { outMs: said, backMs: said }
  if (typeof said === 'string') return { profile: said }
  if (!('file' in said)) return said
  if (recorded === undefined) throw new RangeError(`the latencies of ${said.file} were not read`)
  return recorded
}

/** @throws SmartspeedError CONFIG_INVALID where fees are said by exchange, and not of this one */
function feesSaid({ fees }: Venue, exchange: string): FeeRates | 'vip0' {
  if (fees === 'vip0' || isRates(fees)) return fees
  const own = fees[exchange]
  if (own !== undefined) return own
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `venue.fees has none of ${exchange}, only of ${Object.keys(fees).join(', ') || 'nobody'}`,
    { fix: `fees: {${exchange}: {taker: 0.0004, maker: 0.0002}}`, at: ['venue', 'fees'] },
  )
}

function isRates(fees: Exclude<Venue['fees'], string>): fees is { taker: number; maker: number } {
  return typeof fees.taker === 'number'
}
