// How long does a backtest of a day of trades take, from the command to its result?
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, child, medianOf, mustEqual } from './bench.ts'

/** 21,313 in the 344 s of the captured session. */
const tradesADay = 5_353_000

interface Answer {
  readonly rows: number
  readonly fills: number
  readonly peakRssMb: number
}

/** Each round is another day, made by another seed, and a process of its own: what a person waits for. */
export const day: Bench = {
  name: 'day',
  question: `a day of ${tradesADay.toLocaleString('en')} trades, crossing averages of minute bars with every check of risk, the whole command`,
  async run({ share, folder, rounds = 3 }) {
    const count = Math.max(20_000, Math.round(tradesADay * share))
    const seconds: number[] = []
    const peaks: number[] = []
    for (let round = 0; round < rounds; round++) {
      const dir = join(folder, String(round))
      child([join(import.meta.dirname, 'write-day.ts'), dir, String(round), String(count)])
      const from = performance.now()
      const answer = backtest(dir)
      seconds.push((performance.now() - from) / 1000)
      peaks.push(answer.peakRssMb)
      mustEqual('trades that were read', answer.rows >= count, true)
      if (answer.fills === 0) throw new Error('nothing was traded')
      rmSync(dir, { recursive: true })
    }
    return [
      { what: 'the whole command', value: medianOf(seconds), unit: 's', rounds: seconds, pass: 5 },
      { what: 'peak anonymous memory', value: medianOf(peaks), unit: 'MB', rounds: peaks, pass: 512, aim: 256 },
    ]
  },
}

function backtest(dir: string): Answer {
  const main = join(import.meta.dirname, '..', 'bin', 'main.ts')
  const what = ['--strategy', 'sma-cross', '--set', 'fast=10', '--set', 'slow=30', '--set', 'size=0.01']
  const where = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT', '--interval', '1m', '--risk', 'default']
  const args = [...process.execArgv, '--no-warnings', main, 'backtest', ...what, ...where, '--dir', dir, '--json']
  const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore']
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26, stdio }))
}
