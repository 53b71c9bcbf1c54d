// The network between a place and its exchanges: distance, load by the hour, and packets that get lost.
import { SmartspeedError } from '../../../schemas/errors.ts'
import type { About } from '../about.ts'
import type { Latency, LatencyOptions, Line } from './index.ts'
import { type Profile, type ProfileName, profiles } from './profiles.ts'
import { type Draw, demandMs, demandShare, twoWays } from './ways.ts'

export interface NetworkOptions {
  readonly profile: ProfileName
  /** One way by exchange, ms, in place of the profile's figures, or where it has none. */
  readonly ms?: Readonly<Record<string, number>>
  /** Share by which a message is faster or slower, uniformly. */
  readonly jitter?: number
  /** Share of packets that are lost, below 0.5; they are sent again after a timeout. */
  readonly packetLoss?: number
  /** What a timeout takes beyond a round trip, ms. */
  readonly resendMs?: number
  /** How many times as long messages take in peak hours, ≥ 1. */
  readonly congestion?: number
  /** First hour of the peak and the hour after its last, UTC, of the exchange's clock; alike: there is none. */
  readonly peakHours?: readonly [from: number, to: number]
  /** How many times as long messages take over the route that was chosen. */
  readonly routing?: number
}

/** What is not said: the conditions of the source; its peak is "Asia market hours", 9 to 17 o'clock in Hong Kong. */
export const networkDefaults = {
  ...{ ms: {}, jitter: 0.1, packetLoss: 0.001, resendMs: 200, congestion: 1.2, routing: 1 },
  peakHours: [1, 9],
} as const satisfies Omit<Required<NetworkOptions>, 'profile'>

export const aboutNetwork: About = {
  name: 'network',
  meaning:
    'distance, hour and lost packets decide how late a message is; a lost one comes a timeout later, and holds up those behind it',
  source: 'backtesting engine, §3 (latencies, jitter, loss, congestion); RFC 6298 (resend timeout, doubled each time)',
}

const hourUs = 3_600_000_000
/** A packet that was lost so often comes through: a connection would have been given up. */
const mostLosses = 6

export function isNetwork(options: LatencyOptions): options is NetworkOptions {
  return 'profile' in options
}

/**
 * ms · routing · (congestion in peak hours) · (1 + jitter · U), U uniform in [−1, 1), and for each time that the packet is lost a timeout:
 * a round trip and `resendMs`, twice as much each time.
 *
 * Two draws and more a message: jitter, then whether it was lost, until it was not.
 * Errors: CONFIG_INVALID for an exchange without a figure; RangeError for values outside of what NetworkOptions says.
 * Source: backtesting engine, §3; there a lost packet doubles the latency, which is too short where the way is: a sender waits for its
 *         timeout (RFC 6298: smoothed round trip + max(G, 4 · variation), doubled at each loss; Linux takes 200 ms for the second part).
 */
export function network(options: NetworkOptions, { exchange, seed }: Line): Latency {
  const { profile, ...conditions } = { ...networkDefaults, ...options }
  const { jitter, packetLoss, resendMs, congestion, peakHours, routing } = conditions
  const ms = figureOf(profile, conditions.ms, exchange)
  demandMs(ms, resendMs, routing)
  demandShare('jitter', jitter)
  demandShare('packetLoss', packetLoss * 2)
  if (!(congestion >= 1 && congestion < Number.POSITIVE_INFINITY))
    throw new RangeError(`congestion makes latency 1 or more times as long, not ${congestion}`)
  const [first, end] = peakHours
  const draw: Draw = (stream, time) => {
    const base = isPeak(time, first, end) ? ms * routing * congestion : ms * routing
    let taken = base * (1 + jitter * (2 * stream.next() - 1))
    let timeout = 2 * base + resendMs
    for (let lost = 0; lost < mostLosses && stream.next() < packetLoss; lost++) {
      taken += timeout
      timeout *= 2
    }
    return Math.round(1000 * taken)
  }
  return twoWays(seed, draw, draw)
}

/** Whether an hour of UTC lies in [first, end), over midnight too. */
function isPeak(time: number, first: number, end: number): boolean {
  const hour = Math.floor(time / hourUs) % 24
  return first <= end ? hour >= first && hour < end : hour >= first || hour < end
}

function figureOf(name: ProfileName, own: Readonly<Record<string, number>>, exchange: string): number {
  const { ms }: Profile = profiles[name]
  const figure = own[exchange] ?? ms[exchange]
  if (figure !== undefined) return figure
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `venue.latency.profile = "${name}" has no latency of ${exchange}; it has those of ${Object.keys(ms).join(', ')}`,
    {
      fix: `say it, one way in ms: latency: {profile: ${name}, ms: {${exchange}: 100}}`,
      at: ['venue', 'latency'],
    },
  )
}
