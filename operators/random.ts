// Seeded random numbers that are the same on every machine: the simulated market and the jitter of latencies.

/** A stream of random numbers; all of its state is in what `save` returns. */
export type Random = {
  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number
  /** Uniform whole number in [0, limit); limit in 1…2³². */
  below(limit: number): number
  /** Normal with mean 0 and variance 1. */
  normal(): number
  /** Exponential with mean 1, below 22.2. */
  exponential(): number
  /** Positive with median 1 and a heavy tail: u / (1 − u), so that 1 in k + 1 values is above k; at most 2³². */
  odds(): number
  /** 16 bytes, the same on every machine. */
  save(): Uint8Array
  /** Goes on from where `save` was called. Errors: throws RangeError when `bytes` are not 16. */
  load(bytes: Uint8Array): void
}

/**
 * Starts a stream from a seed. `7` and `'7'` are the same seed; texts that differ give unrelated streams,
 * so a part of a program takes its own as random(`${seed}/latency`).
 *
 * Source: xoshiro128** 1.1 (Blackman & Vigna 2018, "Scrambled Linear Pseudorandom Number Generators"), period 2¹²⁸ − 1.
 * Its normal is Marsaglia's polar method, whose logarithm uses + − × ÷ alone: V8's own may differ between versions.
 */
export function random(seed: string | number): Random {
  const state = seedState(String(seed))

  function word(): number {
    const s1 = state[1]!
    const scrambled = Math.imul(s1, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = s1 << 9
    state[2]! ^= state[0]!
    state[3]! ^= s1
    state[1]! ^= state[2]!
    state[0]! ^= state[3]!
    state[2]! ^= shifted
    const s3 = state[3]!
    state[3] = (s3 << 11) | (s3 >>> 21)
    return result >>> 0
  }
  const next = () => word() * 2 ** -32

  return {
    next,
    // A bias of limit / 2³² is left in: no simulation here could see it, and one draw a number keeps replays simple.
    below: (limit) => Math.floor(next() * limit),
    normal() {
      // The second number of the pair is thrown away, so that the state stays four words.
      for (;;) {
        const x = 2 * next() - 1
        const y = 2 * next() - 1
        const square = x * x + y * y
        if (square > 0 && square < 1) return x * Math.sqrt((-2 * naturalLog(square)) / square)
      }
    },
    exponential: () => -naturalLog(1 - next()),
    odds() {
      const u = next()
      return u / (1 - u)
    },
    save() {
      const bytes = new Uint8Array(16)
      const view = new DataView(bytes.buffer)
      for (let i = 0; i < 4; i++) view.setInt32(4 * i, state[i]!, true)
      return bytes
    },
    load(bytes) {
      if (bytes.length !== 16) throw new RangeError(`the state of a random stream is 16 bytes, not ${bytes.length}`)
      const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
      for (let i = 0; i < 4; i++) state[i] = view.getInt32(4 * i, true)
    },
  }
}

/**
 * Natural logarithm of x, relative error below 4e-15, from + − × ÷ alone: the same bits wherever IEEE 754 holds.
 * Errors: none; x must be in (0, 1], where the random numbers are.
 * Source: ln(x) = 2·artanh((x − 1) / (x + 1)), after doubling x into [√½, √2).
 */
export function naturalLog(x: number): number {
  let doublings = 0
  let scaled = x
  while (scaled < Math.SQRT1_2) {
    scaled *= 2
    doublings += 1
  }
  const z = (scaled - 1) / (scaled + 1)
  const z2 = z * z
  let sum = 0
  for (let odd = 21; odd >= 1; odd -= 2) sum = sum * z2 + 1 / odd
  return 2 * z * sum - doublings * Math.LN2
}

/** Four well-mixed words from a text: FNV-1a over its code units, then MurmurHash3's finalizer at four steps. */
function seedState(seed: string): Int32Array {
  let hash = 0x811c9dc5
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
  // A second hash, read backwards, so that texts that collide in 32 bits still differ.
  let back = 0x811c9dc5 ^ seed.length
  for (let i = seed.length - 1; i >= 0; i--) back = Math.imul(back ^ seed.charCodeAt(i), 0x01000193)
  const state = new Int32Array(4)
  for (let i = 0; i < 4; i++) {
    state[i] = mix((i & 1 ? hash : back) + Math.imul(i + 1, 0x9e3779b9)) ^ mix((i & 1 ? back : hash) ^ (i + 1))
  }
  if (state.every((part) => part === 0)) state[0] = 1 // the one state that xoshiro never leaves
  return state
}

function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
