// What `npm start` shows: a market in, the trading graph over it, a report out, by the same commands that a person types.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exitCodeOf, reportError } from './errors.ts'
import { runNode } from './setup/index.mjs'
import { withLock } from './setup/lock.mjs'
import { endWithParent } from './stop.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const where = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT'] as const

interface Settings {
  /** Everything of the demonstration lies here; its log is made anew each time. */
  folder: string
  seed: string
  minutes: string
  strategy: string
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
  rmSync(log, { recursive: true, force: true })

  say(`1/3  a market of ${minutes} minutes, in the messages that Binance's futures send`)
  await smartspeed(log, 'simulate', 'market', '--seed', seed, '--minutes', minutes, ...where, '-o', capture)

  say('\n2/3  imported by the connector that reads real captures')
  await smartspeed(log, 'import', capture, ...where)

  say(`\n3/3  ${strategy} over the replayed topics, through risk and a simulated venue`)
  const trading = ['--strategy', strategy, ...where, '--risk', 'default', '--latency-ms', '5']
  await smartspeed(log, 'backtest', ...trading, '--name', 'demo', '--report', report)

  say(`
The report: ${report}   (one file; open it in a browser)

Try next:
  npx smartspeed parity demo --dir ${log}     runs it again from its journal and compares every byte
  npx smartspeed trades demo --dir ${log} --format csv
  npx smartspeed backtest --strategy sma-cross --set fast=10 --set slow=30 --interval 1s ${where.join(' ')} --dir ${log}
  npx smartspeed --help

Your own data: npx smartspeed import CAPTURE.gz --exchange binance-usdm   (README.md says what a capture is)`)
}

/** Runs one command as a person would. */
async function smartspeed(log: string, ...args: string[]): Promise<void> {
  const code = await runNode(process.execPath, [main, '--dir', log, ...args])
  if (code !== 0) throw new CommandFailed(`smartspeed ${args.join(' ')}`, code)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

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
