// One verdict of the evidence: red when luck explains what was seen, green when nothing else is left, amber between.

/** What is known; null or absent where nothing is. Sharpe ratios are of a year. */
export interface Evidence {
  /** Days that the trials were made on, and as years. */
  readonly observations: number
  readonly years: number
  /** All trials ever made. */
  readonly trials: number
  /** Of the chosen trial, over all days. */
  readonly sharpe: number
  readonly dsr: number
  /** Null for one trial, or too few days to cut. */
  readonly pbo: number | null
  /** Share of the same splits in which what is best on one half of the days loses on the other. */
  readonly pboLoss: number | null
  /** Share of the white-noise controls that do as well, of all trials ever made. */
  readonly noiseShare: number
  /** Out of sample: windows, days, Sharpe ratio, the probability that its true one is above 0. */
  readonly windows: number
  readonly outOfSampleDays: number
  readonly outOfSampleSharpe: number
  readonly outOfSampleProbability: number
  readonly oosConsistency: number
  readonly degradation: number | null
  /** Years in which luck alone gives the best of the trials this Sharpe ratio; null where it is not above 0. */
  readonly minBacktestYears: number | null
  /** Of the chosen trial. */
  readonly winRate?: number | null | undefined
  readonly profitFactor?: number | null | undefined
  readonly paramsCount?: number | null | undefined
  /** Share of the best's neighbours in the grid that keep half of its Sharpe ratio. */
  readonly neighboursKeep?: number | null | undefined
  /** Deviation of the slopes between neighbours over their mean. */
  readonly gradientVariation?: number | null | undefined
}

export type Colour = 'green' | 'amber' | 'red'

export interface VerdictWarning {
  readonly code: WarningCode
  readonly message: string
  readonly value: number
  readonly threshold: number
  /** `red` and `amber` decide the verdict, a `note` counts in the score alone; that of a gradient in nothing. */
  readonly weight: 'red' | 'amber' | 'note'
}

export interface Verdict {
  /** Share of the checks that could be made which warn, in [0, 1]. */
  readonly score: number
  /** Of the score: above 0.6 HIGH, above 0.3 MEDIUM. */
  readonly level: 'LOW' | 'MEDIUM' | 'HIGH'
  readonly warnings: readonly VerdictWarning[]
  readonly verdict: Colour
  /** Sentences: what made it red or amber, or what a green one rests on. */
  readonly reasons: readonly string[]
}

/** A limit for amber, and where there is one for red too. Why these: docs/validation.md. */
export const thresholds = {
  dsr: { green: 0.95, red: 0.5 },
  pbo: { green: 0.2, red: 0.5 },
  noiseShare: { green: 0.01, red: 0.05 },
  outOfSampleProbability: { green: 0.9, red: 0.5 },
  outOfSampleSure: 0.95,
  oosConsistency: 0.6,
  degradation: 0.5,
  /** A choice that loses more rarely than this is no worse for being one of many that are as good. */
  pboLoss: 0.05,
  neighboursKeep: 0.25,
  gradientVariation: 1,
  observations: 365,
  windows: 3,
  outOfSampleDays: 90,
  sharpe: 2,
  winRate: 0.7,
  profitFactor: 3,
  paramsCount: 5,
  score: { medium: 0.3, high: 0.6 },
} as const

interface Check {
  readonly value: number | null | undefined
  /** The worst value that is well. */
  readonly limit: number
  /** What is better: less, or more. */
  readonly better: 'less' | 'more'
  /** Beyond it the weight is red. */
  readonly red?: number
  readonly weight: 'amber' | 'note'
  /** It is told, and has no part in the score. */
  readonly told?: true
  /** What is so when the value is beyond the limit, and when it is not. */
  says(value: string): string
  holds?(value: string): string
  /** How the value is written. */
  readonly as: 'share' | 'number'
}

const checks = {
  DSR_LOW: ({ dsr, trials }) => ({
    ...{
      value: dsr,
      limit: thresholds.dsr.green,
      red: thresholds.dsr.red,
      better: 'more',
      weight: 'amber',
      as: 'number',
    },
    says: (value) =>
      `the deflated Sharpe ratio is ${value}: the best of ${trials} trials without an edge is often as good`,
    holds: (value) => `the deflated Sharpe ratio is ${value} after ${trials} trials`,
  }),
  NOISE_AS_GOOD: ({ noiseShare }) => ({
    ...{ value: noiseShare, limit: thresholds.noiseShare.green, red: thresholds.noiseShare.red },
    ...{ better: 'less', weight: 'amber', as: 'share' },
    says: (value) => `the best trial on days without an edge does as well in ${value} of the controls`,
    holds: (value) => `the best trial on days without an edge does as well in ${value} of the controls`,
  }),
  PBO_HIGH: ({ pbo, pboLoss }) => ({
    ...{ value: pbo, limit: thresholds.pbo.green, better: 'less', as: 'share' },
    // Where all trials earn alike, which of them is best says nothing, and is no harm.
    ...((pboLoss ?? 1) > thresholds.pboLoss ? { red: thresholds.pbo.red, weight: 'amber' } : { weight: 'note' }),
    says: (value) =>
      `what is best on one half of the days is in the lower half of the trials on the other in ${value} of the splits, and loses there in ${percent(pboLoss ?? 1)}`,
    holds: (value) => `the probability of backtest overfitting is ${value}`,
  }),
  OUT_OF_SAMPLE_WEAK: ({ outOfSampleProbability, outOfSampleSharpe }) => ({
    ...{ value: outOfSampleProbability, limit: thresholds.outOfSampleProbability.green },
    ...{ red: thresholds.outOfSampleProbability.red, better: 'more', weight: 'amber', as: 'share' },
    says: (value) =>
      `what was chosen in sample has a Sharpe ratio of ${figure(outOfSampleSharpe)} out of sample, above 0 with a probability of ${value}`,
    holds: (value) =>
      `out of sample the Sharpe ratio is ${figure(outOfSampleSharpe)}, above 0 with a probability of ${value}`,
  }),
  OUT_OF_SAMPLE_INCONSISTENT: ({ oosConsistency }) => ({
    ...{ value: oosConsistency, limit: thresholds.oosConsistency, better: 'more', weight: 'amber', as: 'share' },
    says: (value) => `only ${value} of the windows earn out of sample`,
    holds: (value) => `${value} of the windows earn out of sample`,
  }),
  DEGRADATION_HIGH: ({ degradation, outOfSampleProbability }) => ({
    ...{ value: degradation, limit: thresholds.degradation, better: 'less', as: 'share' },
    // The best in sample is always flattered: what surely earns out of sample may have lost half of it.
    weight: outOfSampleProbability >= thresholds.outOfSampleSure ? 'note' : 'amber',
    says: (value) => `${value} of the Sharpe ratio in sample is lost out of sample`,
    holds: (value) => `${value} of the Sharpe ratio in sample is lost out of sample`,
  }),
  BACKTEST_SHORT: ({ years, minBacktestYears, trials }) => ({
    ...{ value: minBacktestYears === null ? null : years, limit: minBacktestYears ?? 0 },
    ...{ better: 'more', weight: 'amber', as: 'number' },
    says: (value) => `${value} years of data: luck gives the best of ${trials} trials as much`,
    holds: (value) => `${value} years of data are more than the shortest backtest for ${trials} trials`,
  }),
  DATA_SHORT: ({ observations }) => ({
    ...{ value: observations, limit: thresholds.observations, better: 'more', weight: 'amber', as: 'number' },
    says: (value) => `${value} days are too few for a verdict`,
  }),
  WINDOWS_FEW: ({ windows }) => ({
    ...{ value: windows, limit: thresholds.windows, better: 'more', weight: 'amber', as: 'number' },
    says: (value) => `${value} windows are too few for a verdict`,
  }),
  OUT_OF_SAMPLE_SHORT: ({ outOfSampleDays }) => ({
    ...{ value: outOfSampleDays, limit: thresholds.outOfSampleDays, better: 'more', weight: 'amber', as: 'number' },
    says: (value) => `${value} days out of sample are too few for a verdict`,
  }),
  PARAMETERS_SENSITIVE: ({ neighboursKeep }) => ({
    ...{ value: neighboursKeep, limit: thresholds.neighboursKeep, better: 'more', weight: 'amber', as: 'share' },
    says: (value) => `only ${value} of the neighbouring parameters keep half of the best Sharpe ratio`,
    holds: (value) => `${value} of the neighbouring parameters keep half of the best Sharpe ratio`,
  }),
  // Slopes cancel out above any summit: it warns of an edge as readily as of noise, and may not count.
  GRADIENT_VARIES: ({ gradientVariation }) => ({
    ...{ value: gradientVariation, limit: thresholds.gradientVariation, better: 'less', weight: 'note', as: 'number' },
    told: true,
    says: (value) =>
      `slopes between neighbouring parameters vary by ${value} times their mean: see on the map whether the best is a needle`,
  }),
  SHARPE_HIGH: ({ sharpe }) => ({
    ...{ value: sharpe, limit: thresholds.sharpe, better: 'less', weight: 'note', as: 'number' },
    says: (value) => `a Sharpe ratio of ${value} a year is suspicious: look for a way that the future gets in`,
  }),
  WIN_RATE_HIGH: ({ winRate }) => ({
    ...{ value: winRate, limit: thresholds.winRate, better: 'less', weight: 'note', as: 'share' },
    says: (value) => `a win rate of ${value} rarely lasts: look for a way that the future gets in`,
  }),
  PROFIT_FACTOR_HIGH: ({ profitFactor }) => ({
    ...{ value: profitFactor, limit: thresholds.profitFactor, better: 'less', weight: 'note', as: 'number' },
    says: (value) => `a profit factor of ${value} rarely lasts`,
  }),
  PARAMETERS_MANY: ({ paramsCount }) => ({
    ...{ value: paramsCount, limit: thresholds.paramsCount, better: 'less', weight: 'note', as: 'number' },
    says: (value) => `${value} parameters fit much: make do with fewer`,
  }),
} satisfies Record<string, (evidence: Evidence) => Check>

export type WarningCode = keyof typeof checks

export const warningCodes = Object.keys(checks) as WarningCode[]

/**
 * Red when a warning weighs red or the level is HIGH; amber when one weighs amber or the level is MEDIUM; else green.
 *
 * Source: warnings, score and level are those of the specification (S4 §3.7.2 and §6.3), the share being of the checks that could be
 *         made; what decides is the deflated Sharpe ratio, overfitting, noise and out-of-sample results.
 */
export function verdictOf(evidence: Evidence): Verdict {
  const warnings: VerdictWarning[] = []
  const held: string[] = []
  let [made, warned] = [0, 0]
  for (const [code, check] of Object.entries(checks) as [WarningCode, (of: Evidence) => Check][]) {
    const { value, limit, better, red, weight, told, says, holds, as } = check(evidence)
    if (value === null || value === undefined) continue
    if (told !== true) made++
    const beyond = (bound: number) => (better === 'more' ? value < bound : value > bound)
    const text = as === 'share' ? percent(value) : figure(value)
    const bound = (of: number) =>
      `${better === 'more' ? 'at least' : 'at most'} ${as === 'share' ? percent(of) : figure(of)}`
    if (!beyond(limit)) {
      if (holds !== undefined) held.push(`${holds(text)} (${bound(limit)} is asked)`)
      continue
    }
    const isRed = red !== undefined && beyond(red)
    const threshold = isRed ? red : limit
    const message = `${says(text)} (${bound(threshold)} ${isRed ? 'or it is luck' : 'is asked'})`
    warnings.push({ code, message, value, threshold, weight: isRed ? 'red' : weight })
    if (told !== true) warned++
  }
  const score = warned / made
  const level = score > thresholds.score.high ? 'HIGH' : score > thresholds.score.medium ? 'MEDIUM' : 'LOW'
  const verdict = colourOf(warnings, level)
  return { score, level, warnings, verdict, reasons: reasonsOf(verdict, { warnings, held, level, score }) }
}

function colourOf(warnings: readonly VerdictWarning[], level: Verdict['level']): Colour {
  if (level === 'HIGH' || warnings.some(({ weight }) => weight === 'red')) return 'red'
  return level === 'MEDIUM' || warnings.some(({ weight }) => weight === 'amber') ? 'amber' : 'green'
}

function reasonsOf(
  verdict: Colour,
  { warnings, held, level, score }: Pick<Verdict, 'warnings' | 'level' | 'score'> & { held: readonly string[] },
): string[] {
  if (verdict === 'green') return [...held]
  const own = warnings.filter(({ weight }) => weight === verdict).map(({ message }) => message)
  const limit = verdict === 'red' ? thresholds.score.high : thresholds.score.medium
  if (level === (verdict === 'red' ? 'HIGH' : 'MEDIUM'))
    own.push(`${percent(score)} of the checks warn (at most ${percent(limit)} is asked)`)
  return own
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`
const figure = (value: number): string => String(Math.round(value * 100) / 100)
