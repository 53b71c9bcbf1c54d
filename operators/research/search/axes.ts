// Axes from text, as they stand on the command line: fast=2:101, size=0.1:1:0.1, mode=long-flat,long-short, rate=log:0.0001:0.1.
import { SmartspeedError } from '../../../schemas/errors.ts'
import { type Axis, levelsOf, type Space, type Value } from './space.ts'

const forms = 'NAME=FROM:TO, NAME=FROM:TO:STEP, NAME=log:FROM:TO, or NAME=VALUE,VALUE,…'

/**
 * The space that these texts span, an axis each, in their order.
 *
 * `2:101` are the whole numbers 2…101, as both ends are written without a point; `0.1:1:0.1` are steps; `0.1:1` is any number
 * between; `log:0.0001:0.1` too, with equal ratios equally far; the rest are lists: of numbers, true and false, or texts.
 * Errors: SmartspeedError USAGE for a text that is none of these, or a name given twice; CONFIG_INVALID for values that make no axis.
 */
export function parseAxes(texts: readonly string[]): Space {
  const axes = texts.map(parseAxis)
  for (const [at, { name }] of axes.entries()) {
    if (axes.findIndex((one) => one.name === name) === at) continue
    throw new SmartspeedError('USAGE', `axis ${name} is given twice`, {
      fix: `give ${name} once: a list may have any values, as in ${name}=1,2,5`,
    })
  }
  return { axes }
}

/** One axis. */
export function parseAxis(text: string): Axis {
  const cut = text.indexOf('=')
  const [name, values] = [text.slice(0, cut).trim(), text.slice(cut + 1).trim()]
  if (cut < 1 || name === '' || values === '') {
    throw new SmartspeedError('USAGE', `"${text}" names no parameter and its values`, { fix: `write ${forms}` })
  }
  return values.includes(':') ? rangeOf(name, values, text) : listOf(name, values, text)
}

/** How many points the axes span, as a text: `100 × 100 = 10000`, or that there is no number. */
export function spanText({ axes }: Space): string {
  const levels = axes.map(levelsOf)
  const size = levels.reduce((product, one) => product * one, 1)
  if (size === Number.POSITIVE_INFINITY) return 'any number of points'
  return levels.length === 1 ? String(size) : `${levels.join(' × ')} = ${size}`
}

function rangeOf(name: string, values: string, text: string): Axis {
  const log = values.startsWith('log:')
  const parts = (log ? values.slice(4) : values).split(':').map((part) => part.trim())
  if (parts.length < 2 || parts.length > 3) {
    throw new SmartspeedError('USAGE', `"${text}" is no range: it has ${parts.length} numbers`, {
      fix: `write ${forms}`,
    })
  }
  const numbers = parts.map((part) => numberIn(part, text))
  const [from, to, step] = numbers as [number, number, number | undefined]
  const wrong = wrongOf({ name, from, to, step, log })
  if (wrong !== undefined) throw new SmartspeedError('CONFIG_INVALID', `${text}: ${wrong.text}`, { fix: wrong.fix })
  const whole = parts.every((part) => /^[+-]?\d+$/.test(part))
  return {
    ...{ name, from, to },
    ...(step === undefined ? {} : { step }),
    ...(log ? { log } : {}),
    ...(whole ? { whole } : {}),
  }
}

interface Given {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly step: number | undefined
  readonly log: boolean
}

function wrongOf({ name, from, to, step, log }: Given): { text: string; fix: string } | undefined {
  if (from > to)
    return { text: 'it ends before it begins', fix: `${name}=${log ? 'log:' : ''}${to}:${from} goes upwards` }
  if (from === to) return { text: 'it begins where it ends', fix: `${name}=${from} is one value` }
  if (log && from <= 0) {
    return { text: `${from} has no logarithm`, fix: `begin above 0, as in ${name}=log:${to / 1000 || 0.001}:${to}` }
  }
  if (log && step !== undefined) {
    return { text: 'a range by ratios has no step', fix: `${name}=log:${from}:${to}, or ${name}=${from}:${to}:${step}` }
  }
  if (step !== undefined && !(step > 0)) return { text: `its step is ${step}`, fix: 'a step is above 0' }
  if (step !== undefined && step > to - from) {
    return {
      text: `its step ${step} is longer than the range`,
      fix: `${name}=${from},${to} are its two ends alone`,
    }
  }
  return undefined
}

function listOf(name: string, values: string, text: string): Axis {
  const parts = values.split(',').map((part) => part.trim())
  if (parts.includes('')) {
    throw new SmartspeedError('USAGE', `"${text}" has an empty value`, { fix: `write ${name}=VALUE,VALUE,…` })
  }
  const list = valuesOf(parts)
  const twice = list.find((value, at) => list.indexOf(value) !== at)
  if (twice !== undefined) {
    throw new SmartspeedError('CONFIG_INVALID', `${text}: ${twice} stands in it twice`, { fix: 'give each value once' })
  }
  return { name, values: list }
}

/** All numbers, rising; all true or false; else texts. */
function valuesOf(parts: readonly string[]): readonly Value[] {
  const numbers = parts.map(Number)
  if (numbers.every((one) => Number.isFinite(one))) return numbers.toSorted((a, b) => a - b)
  if (parts.every((part) => part === 'true' || part === 'false')) return parts.map((part) => part === 'true')
  return parts
}

function numberIn(part: string, text: string): number {
  const number = Number(part)
  if (part !== '' && Number.isFinite(number)) return number
  throw new SmartspeedError('USAGE', `"${text}": "${part}" is no number`, {
    fix:
      part === ''
        ? `write ${forms}`
        : 'the values of a list stand with commas between them, those of a range with colons',
  })
}
