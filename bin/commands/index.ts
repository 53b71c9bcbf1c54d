// Every command of the command line: a file each, and a line here. A file registers its name, its options and an example;
// what it does is imported when it runs, so that `--version` loads nothing.

import type { Command } from 'commander'
import * as backtest from './backtest.ts'
import * as bars from './bars.ts'
import * as benchmark from './benchmark.ts'
import * as book from './book.ts'
import * as calc from './calc.ts'
import * as calibrate from './calibrate.ts'
import * as cat from './cat.ts'
import * as deadLetters from './dead-letters.ts'
import * as deploy from './deploy.ts'
import * as doctor from './doctor.ts'
import * as explain from './explain.ts'
import * as exportFiles from './export.ts'
import * as features from './features.ts'
import * as halt from './halt.ts'
import * as hash from './hash.ts'
import * as importFiles from './import.ts'
import * as incident from './incident.ts'
import * as indicators from './indicators.ts'
import * as lag from './lag.ts'
import * as load from './load.ts'
import * as metrics from './metrics.ts'
import * as mirror from './mirror.ts'
import * as normalize from './normalize.ts'
import * as parity from './parity.ts'
import * as regime from './regime.ts'
import * as report from './report.ts'
import * as run from './run.ts'
import * as runs from './runs.ts'
import * as salvage from './salvage.ts'
import * as services from './services.ts'
import * as simulate from './simulate.ts'
import * as stress from './stress.ts'
import * as sweep from './sweep.ts'
import * as topics from './topics.ts'
import * as trades from './trades.ts'
import * as trials from './trials.ts'
import * as validate from './validate.ts'

/** A command's file exports this one function. */
export interface CommandFile {
  register(program: Command): void
}

export const commands: readonly CommandFile[] = [
  backtest,
  bars,
  benchmark,
  book,
  calc,
  calibrate,
  cat,
  deadLetters,
  deploy,
  doctor,
  explain,
  exportFiles,
  features,
  halt,
  hash,
  importFiles,
  incident,
  indicators,
  lag,
  load,
  metrics,
  mirror,
  normalize,
  parity,
  regime,
  report,
  run,
  runs,
  salvage,
  services,
  simulate,
  stress,
  sweep,
  topics,
  trades,
  trials,
  validate,
]
