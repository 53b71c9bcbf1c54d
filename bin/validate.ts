// A validation from the command line: a study on all but the last of the data, its verdict, and what a person reads of it.
import { type ValidationMethod, type WindowLengths, whyNotAsPublished } from '../operators/research/index.ts'
import { type Validated as Judged, type Sealed, validateStudy } from '../pipelines/study/validate.ts'
import { counted } from './output.ts'
import { wrapped } from './paragraph.ts'
import { type Studied, type StudyCall, studyHere } from './study.ts'

export interface ValidateCall extends StudyCall {
  readonly method: ValidationMethod
  readonly windows: number | undefined
  readonly lengths: WindowLengths | undefined
  readonly anchored: boolean
  readonly embargo: number | undefined
  readonly samples: number
}

export interface Validated extends Judged {
  readonly studied: Studied
}

export function validateHere<T>(call: ValidateCall, then: (validated: Validated) => Promise<T>): Promise<T> {
  const { method, windows, lengths, anchored, embargo, samples, search } = call
  return studyHere(call, async (topics, studied) => {
    const { study, about } = studied
    const how = { method, windows, lengths, anchored, embargo, samples, seed: search.seed, nowMs: Date.now() }
    return then({ studied, ...(await validateStudy({ topics, study, about, ...how })) })
  })
}

/** What CLI.md promises of `validate`. */
export function validateResult({ studied: { name, about }, answer }: Validated) {
  const { strategy, plan, stretch, search } = about
  const { windows, oosConsistency, degradation, dsr, pbo, score, level, warnings, verdict, ...rest } = answer
  return {
    ...{ study: name, strategy, exchange: plan.exchange, symbols: plan.symbols, from: stretch.from, to: stretch.to },
    ...{
      search: search.name,
      windows,
      oosConsistency,
      degradation,
      dsr,
      pbo,
      score,
      level,
      warnings,
      verdict,
      ...rest,
    },
  }
}

function sealText({ readsBefore, seenBefore }: Sealed): string {
  if (readsBefore === 0 && seenBefore === 0) return 'whole: nobody had seen any of it before'
  const reads = counted(readsBefore, 'validation', 'validations')
  return `broken: ${reads} and ${counted(seenBefore, 'trial', 'trials')} had seen it`
}

const words = { green: 'more than luck', amber: 'unproven', red: 'luck' } as const

/** The verdict first, in a screen of 80 columns. */
export function validateText({ studied: { name, study, about }, answer }: Validated, width: number): string {
  const { verdict, reasons, params, best, windows, trials, trialsSoFar, dsr, pbo, oosConsistency, degradation } = answer
  const axes = study.space.axes.map((axis) => `${axis.name}=${params[axis.name]}`).join(' ')
  const line = (label: string, value: string) => `  ${label.padEnd(26)}${value}`
  const { sealed, outOfSample, reasonsOfNull, deflation } = answer
  const percent = (value: number | null, name = '') =>
    value === null ? `not given: ${reasonsOfNull[name]}` : `${(value * 100).toFixed(1).replace('-', '−')} %`
  const decimal = (value: number | null) => value?.toFixed(2).replace('-', '−') ?? 'not given'
  return [
    `${name}: ${verdict}, ${words[verdict]}: ${about.strategy} ${axes}`,
    ...reasons.map((reason) => wrapped(`  ${verdict === 'green' ? '+' : '!'} ${reason}`, width)),
    line('trials: here, ever', `${trials.toLocaleString('en')}, ${trialsSoFar.toLocaleString('en')}`),
    line('Sharpe, in sample', decimal(best.sharpe)),
    line(`out of sample, ${counted(windows.length, 'window', 'windows')}`, decimal(outOfSample.sharpe)),
    line('windows that earned', percent(oosConsistency)),
    line('lost out of sample', percent(degradation, 'degradation')),
    line('deflated Sharpe ratio', `${decimal(dsr)}; ${decimal(deflation.asPublished)} as published`),
    wrapped(`    ${whyNotAsPublished}`, width),
    line('overfitting probability', percent(pbo, 'pbo')),
    sealed === null
      ? line('hold-out', 'none was kept')
      : line(
          `hold-out, ${counted(sealed.days, 'day', 'days')}`,
          `Sharpe ${decimal(sealed.sharpe)}, ${percent(sealed.totalReturn)}`,
        ),
    ...(sealed === null ? [] : [line('its seal', sealText(sealed))]),
  ].join('\n')
}
