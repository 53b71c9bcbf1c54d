// The native functions under their TypeScript names. `native/core` computes; this file says what goes in and comes out.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { SmartspeedError } from '../schemas/errors.ts'

/** What `native/src/lib.rs` exports. */
interface Addon {
  crc32c(bytes: Uint8Array, seed: number): number
  fitsStep(values: Float64Array, perUnit: number): boolean
  tryLock(fd: number, shared: boolean): boolean
  exp(x: number): number
  ln(x: number): number
  pow(x: number, y: number): number
  sin(x: number): number
  cos(x: number): number
  tanh(x: number): number
  expEach(values: Float64Array, out: Float64Array): void
  lnEach(values: Float64Array, out: Float64Array): void
}

/** The addon that was built for this machine. */
const built = fileURLToPath(new URL('./smartspeed.node', import.meta.url))

const addon = load<Addon>()

/**
 * CRC-32C (Castagnoli) of `bytes`, as an unsigned 32-bit number.
 *
 * In:     seed — the checksum of what came before, 0 at the start: crc32c(b, crc32c(a)) = crc32c(a followed by b).
 * Source: RFC 3720 §12.1. By the processor's instruction where it has one, by tables elsewhere, with equal results.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return addon.crc32c(bytes, seed)
}

/**
 * Whether each value is a whole number of steps: Math.round(value × perUnit) ÷ perUnit is the value again.
 *
 * In: perUnit — steps a unit.
 */
export function fitsStep(values: Float64Array, perUnit: number): boolean {
  return addon.fitsStep(values, perUnit)
}

/**
 * Takes the advisory lock of an open file; false when another open file of any process holds one that excludes it.
 *
 * In:     fd — of `openSync`; closing it, or the end of the process by any means, gives the lock back.
 *         shared — any number may hold it shared, or one alone not shared.
 * Errors: what the system says of a wrong descriptor or a file system without locks.
 * Source: flock(2) of Linux, macOS and BSD.
 */
export function tryLock(fd: number, { shared }: { shared: boolean }): boolean {
  return addon.tryLock(fd, shared)
}

/**
 * eˣ with the same bits on every machine (`Math.exp` differs in the last place between versions of V8).
 *
 * Errors: none. NaN gives NaN, above 709.78 Infinity.
 * Source: the crate `libm`, a port of musl's; as the functions below.
 */
export function exp(x: number): number {
  return addon.exp(x)
}

/** Natural logarithm with the same bits on every machine. 0 gives -Infinity, a negative number NaN. */
export function ln(x: number): number {
  return addon.ln(x)
}

/** x to the power of y with the same bits on every machine. NaN where `Math.pow` gives it, but pow(1, NaN) is 1. */
export function pow(x: number, y: number): number {
  return addon.pow(x, y)
}

/** Sine of `x` radians with the same bits on every machine. */
export function sin(x: number): number {
  return addon.sin(x)
}

/** Cosine of `x` radians with the same bits on every machine. */
export function cos(x: number): number {
  return addon.cos(x)
}

/** Hyperbolic tangent with the same bits on every machine. */
export function tanh(x: number): number {
  return addon.tanh(x)
}

/** `exp` of each value, as a new array. Cheaper than the scalar form from about ten values on. */
export function expEach(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length)
  addon.expEach(values, out)
  return out
}

/** `ln` of each value, as a new array. */
export function lnEach(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length)
  addon.lnEach(values, out)
  return out
}

/**
 * The functions of the addon; the wrapper of a module names those that it calls.
 * @throws SmartspeedError NATIVE_MISSING when the addon was not built, or not for this machine.
 */
export function load<Functions>(path = built): Functions {
  try {
    return createRequire(import.meta.url)(path) as Functions
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]
    throw new SmartspeedError('NATIVE_MISSING', `the native addon cannot be loaded: ${reason}`, {
      cause,
      fix: 'npm start   (it builds native/smartspeed.node for this machine)',
    })
  }
}
