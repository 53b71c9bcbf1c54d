// What a topology says of the simulated exchange: fees, latency, how orders fill, what is refused.
import { z } from 'zod'
import { fillModels } from '../operators/execution/fills/index.ts'
import { networkDefaults } from '../operators/execution/latency/network.ts'
import { profileNames } from '../operators/execution/latency/profiles.ts'
import { spikeDefaults } from '../operators/execution/latency/spikes.ts'
import { queueModels } from '../operators/execution/queue/index.ts'
import { slippages } from '../operators/execution/slippage/index.ts'

const rate = z.number().min(-0.01).max(0.1).describe('share of the value, 0.0004 is 4 basis points')
const ms = z.number().min(0).max(60_000)
const share = z.number().min(0).lt(1)
const times = z.number().min(1).max(1_000)
const bps = z.number().min(0).max(10_000)
const count = z.int().min(1)
const hour = z.int().min(0).max(24)

const rates = z.strictObject({ taker: rate.default(0.0004), maker: rate.default(0.0002) })
const vip0 = z.literal('vip0')

/** Of every exchange alike, those of its lowest tier as they were when the data begin, or by exchange. */
export const feesConfig = z
  .union([rates, vip0, z.record(z.string(), z.union([rates, vip0]))], {
    error: 'allowed: {taker, maker}, vip0, or one of these by exchange: {binance: vip0, okx: {taker: 0.0005}}',
  })
  .prefault({})
  .describe('vip0: those of the exchange’s lowest tier when the data begin; by exchange: {binance: vip0}')

const jitter = z.strictObject({
  outMs: ms.default(0),
  backMs: ms.default(0),
  jitterMs: ms.default(0).describe('mean of an exponential part on top of each message'),
})
const spikes = z.strictObject({
  baseMs: ms.describe('mean of a normal latency, one way'),
  jitterMs: ms.default(spikeDefaults.jitterMs).describe('its standard deviation'),
  spikeProbability: share.default(spikeDefaults.spikeProbability),
  spikeMultiplier: times.default(spikeDefaults.spikeMultiplier).describe('how many times as long a spike takes'),
  leastMs: ms.default(spikeDefaults.leastMs).describe('no message is faster'),
})
const network = z.strictObject({
  profile: z.enum(profileNames).describe('where the program runs'),
  ms: z.record(z.string(), ms).default({}).describe('one way by exchange, in place of the profile’s figures'),
  jitter: share.default(networkDefaults.jitter).describe('share by which a message is faster or slower, uniformly'),
  packetLoss: z.number().min(0).lt(0.5).default(networkDefaults.packetLoss).describe('share that has to be sent again'),
  resendMs: ms.default(networkDefaults.resendMs).describe('what the timeout before that takes beyond a round trip'),
  congestion: times.default(networkDefaults.congestion).describe('how many times as long messages take in peak hours'),
  peakHours: z
    .tuple([hour, hour])
    .default([...networkDefaults.peakHours])
    .describe('first hour of the peak, and the hour after its last, UTC'),
  routing: z
    .number()
    .positive()
    .max(10)
    .default(networkDefaults.routing)
    .describe('0.9 where a better route is paid for'),
})
const file = z.strictObject({
  file: z.string().min(1).describe('CSV or JSON of measured round trips: docs/fills.md'),
  by: z.enum(['order', 'time']).default('order').describe('one after another, or as it was at that time'),
})

export const latencyConfig = z
  .union([ms, z.enum(profileNames), jitter, spikes, network, file], {
    error: `allowed: a number of ms, a place (${profileNames.join(', ')}), {outMs, backMs, jitterMs}, {baseMs, …}, {profile, …} or {file}`,
  })
  .default(0)
  .describe('one number is out and back alike; docs/fills.md has all of them')

export const fillsConfig = z
  .enum(fillModels)
  .optional()
  .describe('what fills an order that rests: queue on ticks and through on candles when left out; touch flatters')

export const queueConfig = z
  .union(
    [
      z.enum(queueModels),
      z.strictObject({
        model: z.enum(queueModels),
        exponent: z.number().min(0.5).max(16).multipleOf(0.5).default(3).describe('of the power models'),
      }),
    ],
    { error: `allowed: ${queueModels.join(', ')}, or {model, exponent}` },
  )
  .default('conservative')
  .describe('whose orders were cancelled: those behind us, ahead of us, or some of both')

export const slippageConfig = z
  .union(
    [
      z.enum(slippages),
      z.strictObject({
        ticks: z.int().min(0).max(1_000_000).default(0),
        bps: bps.default(0).describe('of the price'),
        spreadBps: bps.default(0).describe('assumed between bid and ask: takers pay half'),
        impact: z.number().min(0).max(100).default(0).describe('coefficient of the square-root impact, about 1'),
        noiseBps: bps.default(0).describe('deviation of a normal part; every order pays its absolute value'),
      }),
    ],
    { error: `allowed: ${slippages.join(', ')}, or parts that add up: {ticks, bps, spreadBps, impact, noiseBps}` },
  )
  .default('none')
  .describe('how much worse takers fill')

export const limitsConfig = z
  .union(
    [
      z.enum(['off', 'default']),
      z.strictObject({
        ordersPer10s: count.optional(),
        ordersPerMinute: count.optional(),
        ordersPerDay: count.optional(),
        weightPerMinute: count.optional().describe('requests, cancels too'),
      }),
    ],
    { error: 'allowed: off, default, or {ordersPer10s, ordersPerMinute, ordersPerDay, weightPerMinute}' },
  )
  .default('off')
  .describe('default: what Binance takes from an account; more is rejected')
