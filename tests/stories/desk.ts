// Where a story takes place: a folder outside the repository, with a log, real minutes in pieces, and the commands of a shell.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { stringify } from 'yaml'
import type { TopologyInput } from '../../pipelines/config.ts'
import { command, documentOf, type Ran } from '../commands.ts'
import { dataDir, root } from '../data.ts'

export const minuteUs = 60_000_000
export const hourUs = 60 * minuteUs
export const dayUs = 24 * hourUs
/** The finest step of its prices. */
export const tick = 0.01
/** The perpetual of these stories. */
export const market = { exchange: 'binance-usdm', symbol: 'BTCUSDT' }

export interface Candle {
  /** Start, µs. */
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** `count` minutes of the real month, from the minute `from` on; sizes are in dollars there, and in coins here. */
export function realMinutes(from: number, count: number): Candle[] {
  const lines = gunzipSync(readFileSync(join(dataDir, 'bars/btc-perp-1m-2022-01.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .slice(1 + from, 1 + from + count)
  return lines.map((line) => {
    const [time, ...numbers] = line.split(',')
    const [open, high, low, close, dollars] = numbers.map(Number) as [number, number, number, number, number]
    const volume = Math.round((dollars / close) * 1000) / 1000
    return { openTime: Date.parse(`${time!.slice(0, 19).replace(' ', 'T')}Z`) * 1000, open, high, low, close, volume }
  })
}

/** A process that goes on. */
export interface Started {
  readonly child: ChildProcess
  err(): string
  /** Ends it with Ctrl-C; gives its exit code. */
  stop(): Promise<number | null>
}

export interface Desk {
  readonly folder: string
  /** Writes a file into the folder; gives its path. */
  write(name: string, text: string): string
  topology(name: string, topology: TopologyInput): string
  /** Loads candles by `smartspeed load bars`. */
  load(candles: readonly Candle[], how?: { interval?: string; symbol?: string }): Promise<void>
  /** A command in this process, over the desk's log. */
  run(...args: string[]): Promise<Ran>
  /** What it prints with --json; fails when it does not end with 0. */
  json<T>(...args: string[]): Promise<T>
  /** A command in a process of its own, which is still at work. */
  start(...args: string[]): Started
  /** A command in a process of its own, with something on its stdin; what it prints with --json. */
  shell<T>(args: readonly string[], input?: string): T
  /** Ends what was started, and removes the folder. */
  close(): Promise<void>
}

export function openDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-story-'))
  const dir = ['--dir', join(folder, 'log')]
  const started: Started[] = []
  let files = 0
  const main = ['--no-warnings', join(root, 'bin/main.ts')]
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  return {
    folder,
    write,
    topology: (name, topology) => write(name, stringify(topology)),
    async load(candles, { interval = '1m', symbol = market.symbol } = {}) {
      const lines = candles.map(
        ({ openTime, open, high, low, close, volume }) =>
          `${openTime / 1000},${open},${high},${low},${close},${volume}`,
      )
      const file = write(`candles-${files++}.csv`, `open_time_ms,open,high,low,close,volume\n${lines.join('\n')}\n`)
      const names = ['--exchange', market.exchange, '--symbol', symbol, '--interval', interval]
      const steps = ['--tick', String(tick), '--lot', '0.001', '--settle', 'USDT']
      const { rows } = await withoutListeners(() =>
        documentOf<{ rows: number }>('load', 'bars', file, ...names, ...steps, ...dir),
      )
      if (rows !== candles.length) throw new Error(`${rows} candles of ${candles.length} were loaded`)
    },
    run: (...args) => withoutListeners(() => command([...args, ...dir])),
    json: <T>(...args: string[]) => withoutListeners(() => documentOf<T>(...args, ...dir)),
    start(...args) {
      const one = startedOf(spawn(process.execPath, [...main, ...args, ...dir], { cwd: folder }))
      started.push(one)
      return one
    },
    shell<T>(args: readonly string[], input = ''): T {
      const all = [...main, ...args, ...dir, '--json']
      const { status, stdout, stderr } = spawnSync(process.execPath, all, { cwd: folder, input, encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
      return JSON.parse(stdout) as T
    },
    async close() {
      await Promise.all(started.map((one) => one.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function startedOf(child: ChildProcess): Started {
  let err = ''
  // Read, so that it never waits for a reader.
  child.stdout!.resume()
  child.stderr!.on('data', (text) => {
    err += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    err: () => err,
    stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      return ended
    },
  }
}

/** Each command listens for Ctrl-C to the end of its process, which here is that of all of them. */
async function withoutListeners<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
  }
}

/** Waits for a condition; a process that ended meanwhile is an error. */
export async function until<T>({ child, err }: Started, look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${err()}`)
    await sleep(50)
  }
}

/** Where a run that was started with `--http 0` shows its metrics. */
export function metricsOf(run: Started): Promise<string> {
  return until(run, async () => /http:\/\/[\d.]+:\d+/.exec(run.err())?.[0])
}

/** The values of a metric, the sums of its series; undefined where it has none. */
export async function metric(url: string, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
