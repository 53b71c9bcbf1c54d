// What `npm start` shows: a market in, the trading graph over it, a report out, by the same commands that a person types.

import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exitCodeOf, reportError } from './errors.ts'
import { withLock } from './setup/lock.mjs'
import { endWithParent } from './stop.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const market = { exchange: 'binance-usdm', symbol: 'BTCUSDT' } as const

interface Settings {
  /** Everything of the demonstration lies here; its log is made anew each time. */
  folder: string
  seed: string
  minutes: string
  strategy: string
}

interface Simulated {
  lines: number
  seconds: number
}

interface Imported {
  records: Record<string, number>
  symbols: Record<string, { synced: boolean; gaps: unknown[]; crossed: number }>
  deadLetters: number
  seconds: number
}

interface Traded {
  run: string
  rows: number
  seconds: number
  rowsPerSecond: number
  peakRssMb: number
  hashes: Record<string, string>
  metrics: Record<string, unknown>
  fills: number
  trades: number
  fees: number
  funding: number
  finalEquity: number
  openPositions: unknown[]
  warnings: { code: string; message: string }[]
}

/** A command that ended with another exit code than 0; it has said why itself. */
class CommandFailed extends Error {
  readonly exitCode: number
  constructor(command: string, exitCode: number) {
    super(`${command} ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}

async function demonstrate({ folder, seed, minutes, strategy }: Settings): Promise<void> {
  const capture = join(folder, 'market.gz')
  const report = join(folder, 'report.html')
  const log = join(folder, 'log')
  const where = ['--exchange', market.exchange, '--symbol', market.symbol]
  rmSync(log, { recursive: true, force: true })

  say(`1/3  a market of ${minutes} minutes from seed ${seed}, in the messages of Binance's futures`)
  const made = await smartspeed<Simulated>(
    log,
    'simulate',
    'market',
    '--seed',
    seed,
    '--minutes',
    minutes,
    ...where,
    '-o',
    capture,
  )
  say(`     ${count(made.lines)} lines in ${seconds(made)} → ${capture}`)

  say('2/3  imported by the Binance connector')
  const read = await smartspeed<Imported>(log, 'import', capture, ...where)
  const book = read.symbols[market.symbol]
  const kinds = ['trades', 'quotes', 'books'].map((kind) => `${count(read.records[kind] ?? 0)} ${kind}`).join(', ')
  say(
    `     ${kinds} in ${seconds(read)}; ${book?.gaps.length ?? 0} gaps, ${read.deadLetters} dead letters, book ${book?.synced ? 'in sync' : 'NOT in sync'}`,
  )

  say(`3/3  ${strategy} over the replayed topics, through risk and a simulated venue`)
  const result = await smartspeed<Traded>(
    log,
    'backtest',
    '--strategy',
    strategy,
    ...where,
    '--name',
    'demo',
    '--report',
    report,
  )
  say(
    `     ${count(result.rows)} rows in ${seconds(result)}, ${count(result.rowsPerSecond)} rows/s, ${Math.round(result.peakRssMb)} MB\n`,
  )

  say(summary(result))
  say(next({ log, report, run: result.run }))
}

/** What came of it, for a person. */
function summary(result: Traded): string {
  const { metrics } = result
  const share = (value: unknown) => (typeof value === 'number' ? `${(value * 100).toFixed(3)} %` : '–')
  const lines: [string, string][] = [
    ['final equity', money(result.finalEquity)],
    ['return', share(metrics.totalReturn)],
    ['max drawdown', share(metrics.maxDrawdown)],
    ['fills', `${count(result.fills)} in ${count(result.trades)} round trips`],
    ['win rate', share(metrics.winRate)],
    ['fees', money(result.fees)],
    ['funding', money(result.funding)],
    ['open at the end', `${result.openPositions.length} position${result.openPositions.length === 1 ? '' : 's'}`],
    ['hash of orders', (result.hashes.orders ?? '').slice(0, 16)],
  ]
  const table = lines.map(([name, value]) => `  ${name.padEnd(16)} ${value}`)
  return [...table, ...result.warnings.map(({ message }) => `  note: ${message}`)].join('\n')
}

function next({ log, report, run }: { log: string; report: string; run: string }): string {
  return `
The report: ${report}   (one file; open it in a browser)

Try next:
  npx smartspeed parity ${run} --dir ${log}              runs it again from its journal: every byte is equal
  npx smartspeed trades ${run} --dir ${log} --format csv
  npx smartspeed backtest --strategy sma-cross --set fast=10 --set slow=30 --exchange ${market.exchange} --symbol ${market.symbol} --interval 1s --dir ${log}
  npx smartspeed import YOUR-CAPTURE.gz --exchange ${market.exchange}     your own data: README.md
  npx smartspeed --help`
}

/** Runs one command as a person would and gives its JSON; its progress shows on stderr. */
function smartspeed<T>(log: string, ...args: string[]): Promise<T> {
  const child = spawn(process.execPath, [main, '--json', '--dir', log, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      if (code === 0) resolve(JSON.parse(out) as T)
      else reject(new CommandFailed(`smartspeed ${args.join(' ')}`, code ?? 130))
    })
  })
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const count = (value: number): string => value.toLocaleString('en-US')
const money = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const seconds = ({ seconds }: { seconds: number }): string => `${seconds.toFixed(1)} s`

endWithParent()
try {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '7' },
      minutes: { type: 'string', default: '10' },
      strategy: { type: 'string', default: 'market-maker' },
    },
  })
  const folder = join(process.env.SMARTSPEED_DIR ?? '.smartspeed', 'demo')
  mkdirSync(folder, { recursive: true })
  const waiting = (holder: string): void => say(`another demonstration runs in ${folder} (${holder}): waiting for it`)
  await withLock(join(folder, 'lock'), { waiting }, () => demonstrate({ folder, ...values }))
} catch (error) {
  if (!(error instanceof CommandFailed)) reportError(error, { json: false, verbose: false })
  process.exit(error instanceof CommandFailed ? error.exitCode : exitCodeOf(error))
}
