// What the simulated exchange of a plan takes for granted, each with the file that holds it.
import { fillModel } from '../operators/execution/fills/index.ts'
import { aboutLatency } from '../operators/execution/latency/index.ts'
import { aboutWindows } from '../operators/execution/limits/windows.ts'
import { queueModel } from '../operators/execution/queue/index.ts'
import { aboutSlippage } from '../operators/execution/slippage/index.ts'
import type { Fill } from './fill.ts'
import type { Plan } from './plan.ts'
import { feesIn, latencyOf, venueOptions } from './venue-options.ts'

export interface VenueAssumption {
  readonly kind: 'matching' | 'fills' | 'queue' | 'latency' | 'slippage' | 'limits' | 'fees'
  /** The model. */
  readonly name: string
  /** How it is set, as text; empty where there is nothing to set. */
  readonly value: string
  /** What follows for who reads the result. */
  readonly meaning: string
  readonly source: string
  /** In the repository. */
  readonly file: string
}

const folder = 'operators/execution'

/** By what prices orders that take are filled. */
const matching: Readonly<Record<Fill, Pick<VenueAssumption, 'meaning' | 'source' | 'file'>>> = {
  book: {
    meaning:
      'orders meet the recorded book and trades on the exchange’s clock; takers walk the book, and what they took is gone for them until that level is updated',
    source: 'price-time priority on the recorded market; docs/ARCHITECTURE.md',
    file: `${folder}/book-venue.ts`,
  },
  'next-open': {
    meaning:
      'market orders fill at the open of the next candle; of what one candle could fill, what its close turned against comes first',
    source: 'the path through a candle that hurts: nobody knows the real one',
    file: `${folder}/candle-venue.ts`,
  },
  close: {
    meaning: 'market orders fill at the close that gave the signal: nobody can trade there',
    source: 'the convention of vectorized backtests',
    file: `${folder}/candle-venue.ts`,
  },
}

/** The assumptions, the weightiest first. */
export function venueAssumptions(plan: Plan): VenueAssumption[] {
  const { fill } = plan
  const { venue } = plan.topology
  const { fills = fill === 'book' ? 'queue' : 'through', queue = 'conservative', queueExponent } = venueOptions(plan)
  const resting = fillModel(fills)
  const own: VenueAssumption[] = [
    { kind: 'matching', name: fill, value: '', ...matching[fill] },
    { kind: 'fills', value: '', ...resting, ...fileOf('fills', resting) },
  ].map(
    ({ kind, name, value, meaning, source, file }) => ({ kind, name, value, meaning, source, file }) as VenueAssumption,
  )
  if (fills === 'queue') {
    const { name, meaning, source } = queueModel(queue, queueExponent)
    const value = name.startsWith('power') ? `exponent ${queueExponent ?? 3}` : ''
    own.push({ kind: 'queue', name, value, meaning, source, ...fileOf('queue', { name }) })
  }
  const latency = aboutLatency(latencyOf(venue, plan.recorded))
  own.push({ kind: 'latency', ...latency, value: settings(venue.latency), ...fileOf('latency', latency) })
  for (const part of aboutSlippage(venue.slippage))
    own.push({ kind: 'slippage', ...part, value: settings(venue.slippage), ...fileOf('slippage', part) })
  if (venue.limits !== 'off')
    own.push({ kind: 'limits', ...aboutWindows, value: settings(venue.limits), ...fileOf('limits', aboutWindows) })
  return [...own, ...feesOf(plan)]
}

function feesOf(plan: Plan): VenueAssumption[] {
  return Object.entries(feesIn(plan)).map(([exchange, { maker, taker, seen }]) => ({
    kind: 'fees',
    name: exchange,
    value: `taker ${bp(taker)}, maker ${bp(maker)}`,
    meaning:
      'shares of the value: takers for orders that trade at once, makers for those that rested; below zero is a rebate',
    source: seen === undefined ? 'the topology' : `the exchange’s lowest tier, seen to hold on ${seen}`,
    file: seen === undefined ? `${folder}/fees.ts` : `${folder}/fee-schedules.ts`,
  }))
}

/** 0.0004 as `4 bp`. */
function bp(rate: number): string {
  return `${Number((rate * 1e4).toPrecision(12))} bp`
}

function fileOf(kind: string, { name }: { readonly name: string }): { file: string } {
  return { file: `${folder}/${kind}/${name}.ts` }
}

/** `5`, `hong-kong` or `outMs 5, backMs 5`. */
function settings(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== 0 && JSON.stringify(one) !== '{}')
    .map(([key, one]) => `${key} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
    .join(', ')
}
