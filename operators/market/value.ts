// What the instrument is worth: jumps that excite more jumps (Hawkes), under a regime that changes (Markov).

import type { Floor } from './floor.ts'

/** Quiet, normal, wild: how often and how far value jumps against the average, and how long it stays so, in seconds. */
const regimes = [
  { activity: 0.6, jump: 0.7, seconds: 40 },
  { activity: 1, jump: 1, seconds: 40 },
  { activity: 2.2, jump: 1.7, seconds: 15 },
] as const

/** Jumps a second that no other jump caused, at activity 1. */
const baseRate = 0.48
/** Expected children of a jump, and the seconds in which their rate fades. */
const branching = 0.62
const memorySeconds = 0.4
const medianJumpTicks = 18
const largestJumpTicks = 420

export type Value = {
  /** Jumps a second now. */
  rate(): number
  /** Value jumps; returns by how many ticks. */
  jump(): number
  /** Lets `seconds` pass: excitement fades, the regime may change, and value is drawn home over hours. */
  pass(seconds: number): void
}

/**
 * Source: Hawkes (1971), "Spectra of some self-exciting and mutually exciting point processes"; the exponential kernel
 * is stepped as 1 − dt / memory, since a hash must not hang on `exp`.
 */
export function createValue(floor: Floor): Value {
  const { draw } = floor
  const home = floor.value
  let regime = 1
  let excitement = 0
  let direction = 1

  return {
    rate: () => baseRate * floor.activity + excitement,
    jump() {
      // Within a burst news agrees with itself somewhat more often than not.
      if (draw.next() > 0.56) direction = -direction
      const size = Math.min(medianJumpTicks * Math.sqrt(draw.odds()) * regimes[regime]!.jump, largestJumpTicks)
      const ticks = direction * size * floor.ticks
      floor.value += ticks
      excitement += branching / memorySeconds
      return ticks
    },
    pass(seconds) {
      excitement *= 1 - seconds / memorySeconds
      if (draw.next() < seconds / regimes[regime]!.seconds) regime = (regime + 1 + draw.below(2)) % 3
      // Everyone's activity follows the regime within two seconds, and the bursts at once.
      floor.activity += (regimes[regime]!.activity - floor.activity) * (seconds / 2)
      floor.value += (home - floor.value) * (seconds / 21_600)
    },
  }
}
