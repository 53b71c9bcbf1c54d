// Indicators as a person writes them: `sma:10`, `macd:12:26:9`, `obv`.
import { SmartspeedError, unknownName } from '../../schemas/errors.ts'
import { type Indicator, indicators, longestPeriod, type Parameter } from './list.ts'

/** An indicator with its parameters. */
export interface ChosenIndicator {
  /** As it was written; the column, or the columns with `.` and the output's name, are called so. */
  readonly text: string
  readonly indicator: Indicator
  /** All of them, those that were left out included. */
  readonly parameters: readonly number[]
  /** Names of its columns. */
  readonly columns: readonly string[]
  /** Bars until the first value. */
  readonly warmup: number
}

/**
 * A list such as `sma:10,rsi,macd:12:26:9`. Parameters that are left out at the end are TA-Lib's.
 *
 * Errors: UNKNOWN_NAME with the list and the nearest name; CONFIG_INVALID for a wrong number of parameters or a wrong value,
 *         and for the same indicator twice.
 */
export function parseIndicators(text: string): ChosenIndicator[] {
  const chosen = text.split(',').map((one) => parseIndicator(one.trim()))
  const seen = new Set<string>()
  for (const { text } of chosen) {
    if (seen.has(text)) throw wrong(`--indicators has ${text} twice`, 'name each once')
    seen.add(text)
  }
  return chosen
}

/** One of them. Errors: as `parseIndicators`. */
export function parseIndicator(text: string): ChosenIndicator {
  const [name = '', ...values] = text.split(':')
  const names = indicators.map((one) => one.name)
  const indicator = indicators.find((one) => one.name === name.toLowerCase())
  if (indicator === undefined) throw unknownName('indicator', name, names)
  if (values.length > indicator.parameters.length) {
    const takes = takesOf(indicator)
    throw wrong(`${text}: ${name} takes ${takes}, ${values.length} were given`, `write ${exampleOf(indicator)}`)
  }
  const parameters: number[] = []
  for (const [at, parameter] of indicator.parameters.entries()) {
    const value = values[at]
    parameters.push(
      value === undefined ? (parameter.default ?? parameters.at(-1)!) : numberIn(value, parameter, text, indicator),
    )
  }
  const columns = indicator.outputs.length === 0 ? [text] : indicator.outputs.map((output) => `${text}.${output}`)
  return { text, indicator, parameters, columns, warmup: indicator.warmup(...parameters) }
}

function numberIn(text: string, { name, kind, least }: Parameter, whole: string, indicator: Indicator): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (
    kind === 'factor' ? Number.isFinite(value) : Number.isInteger(value) && value >= least && value <= longestPeriod
  ) {
    return value
  }
  const allowed = kind === 'factor' ? 'a number' : `a whole number from ${least} to ${longestPeriod}`
  throw wrong(`${whole}: ${name} is "${text}", which is not ${allowed}`, `write ${exampleOf(indicator)}`)
}

function takesOf({ parameters }: Indicator): string {
  if (parameters.length === 0) return 'no parameter'
  const names = parameters.map(({ name }) => name).join(', ')
  return parameters.length === 1 ? `one parameter (${names})` : `${parameters.length} parameters at most (${names})`
}

/** The indicator with the parameters that TA-Lib takes when none is given. */
export function exampleOf({ name, parameters }: Indicator): string {
  const values = parameters.map((parameter, at) => parameter.default ?? parameters[at - 1]!.default)
  return [name, ...values].join(':')
}

function wrong(message: string, fix: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', message, { fix })
}
