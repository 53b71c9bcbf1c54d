// A figure is a number, or the reason why there is none: JSON has no NaN, and a reader deserves to know.

/** Why a figure cannot be given: a code of the list below, a colon, and what was seen. */
export interface Absent {
  readonly reason: string
}

export type Figure = number | Absent

/** The codes of reasons, each with its meaning. */
export const reasonCodes = {
  EQUITY_NOT_POSITIVE: 'a return on nothing or on a debt has no meaning',
  NEEDS_1_DAY: 'a figure of days needs a day of data',
  NEEDS_2_RETURNS: 'a deviation needs two returns',
  NEEDS_30_DAYS: 'a figure for a year, of months or of how days are spread needs 30 days of data',
  NEEDS_SPREAD: 'the figure divides by a value of the tail that is zero',
  NO_CAPITAL: 'no capital was given to measure a result against',
  NO_DATA: 'the curve has no point, or no time passes',
  NO_DOWNSIDE: 'no return was below the target',
  NO_DRAWDOWN: 'equity was never below an earlier value',
  NO_GROSS_PROFIT: 'nothing was made before costs that they could be a share of',
  NO_LOSSES: 'no trade lost money',
  NO_TIMES: 'the series says no times, so that its months are not known',
  NO_TRADES: 'no trade was closed',
  NO_UPSIDE: 'no return was above zero',
  NO_VOLATILITY: 'all returns are equal',
  NO_WINS: 'no trade made money',
  NOT_FINITE: 'the number is beyond what a double holds',
  NOT_RECOVERED: 'equity did not come back to its peak',
} as const

export type ReasonCode = keyof typeof reasonCodes

export const absent = (code: ReasonCode, detail: string = reasonCodes[code]): Absent => ({
  reason: `${code}: ${detail}`,
})

export const isAbsent = (figure: unknown): figure is Absent => typeof figure === 'object'

/** `numbers` with null where a figure is absent, and the reasons under the same names. */
export type Reported<Name extends string> = { readonly [name in Name]: number | null } & {
  readonly reasons: { readonly [name in Name]?: string }
}

/** Figures as they go into JSON: each a finite number, or null with its reason in `reasons`. */
export function report<Name extends string>(figures: { readonly [name in Name]: Figure }): Reported<Name> {
  const numbers = {} as { [name in Name]: number | null }
  const reasons: { [name in Name]?: string } = {}
  for (const name of Object.keys(figures) as Name[]) {
    const figure = finite(figures[name])
    numbers[name] = isAbsent(figure) ? null : figure
    if (isAbsent(figure)) reasons[name] = figure.reason
  }
  return { ...numbers, reasons }
}

function finite(figure: Figure): Figure {
  return isAbsent(figure) || Number.isFinite(figure) ? figure : absent('NOT_FINITE')
}
