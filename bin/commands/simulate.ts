// `smartspeed simulate market`: a seeded market in an exchange's own wire format, as a capture with its truth beside it.

import { type Command, Option } from 'commander'
import { type Facts, factsMeter } from '../../operators/market/facts.ts'
import { createMarket } from '../../operators/market/market.ts'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import { type Counts, marketCapture } from '../market-capture.ts'
import { printResult } from '../output.ts'
import { openOutputFile } from '../output-file.ts'
import { progress } from '../progress.ts'
import { stopSignal } from '../stop.ts'

export type SimulateOptions = {
  /** Any text; '7' and 7 are the same. */
  seed: string | number
  /** Length in minutes, > 0, not necessarily whole. Another length is another market, also at its beginning. */
  minutes: number
  exchange: string
  symbol: string
  /** The capture; compressed when it ends in .gz. */
  file: string
  /** Whether FILE.truth.jsonl.gz is written too; true if not given. */
  truth?: boolean
  /** µs since 1970, a whole millisecond; 2025-01-01T00:00Z if not given. */
  start?: number
  /** Decimal text; those of the symbol if not given, BTCUSDT's for one that is not known here. */
  price?: string
  tickSize?: string
  lotSize?: string
  /** Whether there is a flash crash; true if not given. */
  crash?: boolean
  /** Rejects with INTERRUPTED, and leaves no file. */
  signal?: AbortSignal
  /** Called some ten times a simulated second at most. */
  onProgress?: (progress: { lines: number; share: number }) => void
}

export type Simulated = Counts & {
  seed: string
  exchange: string
  symbol: string
  /** Receive time of the first and the last line, µs since 1970. */
  from: number
  to: number
  file: string
  truth: string | null
  /** Bytes of the capture's text before compression. */
  bytes: number
  crash: { from: number; to: number; depth: number } | null
  /** Outside of the flash crash and the minute after it; figures that need more seconds are null in JSON. */
  facts: Facts
  seconds: number
}

/** Exchanges whose messages can be written. */
const writable: readonly string[] = ['binance-usdm']
const instruments: Record<string, { price: string; tickSize: string; lotSize: string }> = {
  BTCUSDT: { price: '61800', tickSize: '0.10', lotSize: '0.001' },
  ETHUSDT: { price: '2650', tickSize: '0.01', lotSize: '0.001' },
  SOLUSDT: { price: '154', tickSize: '0.0010', lotSize: '1' },
}
const defaultStart = Date.UTC(2025, 0, 1) * 1000
/** What the participants' rules were made for: one lot of BTCUSDT at its first price, in the quote currency. */
const unitNotional = 61.8
const stepMicros = 250_000
const chunkBytes = 1 << 18

/**
 * Writes a simulated market to a file (and its truth beside it). Memory does not grow with the length.
 * Equal options give equal text on every machine, and equal .gz files where zlib is the same.
 *
 * Errors: USAGE or UNKNOWN_NAME before anything is written; those of the file system; INTERRUPTED. No half file stays.
 */
export async function simulateMarket(options: SimulateOptions): Promise<Simulated> {
  const { minutes, exchange, symbol, file, signal } = options
  const seed = String(options.seed)
  const plan = planOf(options)
  const began = performance.now()
  const duration = Math.round(minutes * 60e6)
  // Two symbols of one seed are two markets.
  const market = createMarket({ ...plan, seed: `${seed}/${symbol}`, duration, crash: options.crash })
  const { crash } = market
  const facts = factsMeter(crash && { from: crash.from, to: crash.to + 60e6 })
  const truth = options.truth === false ? undefined : truthNameOf(file)
  const capture = marketCapture({ ...plan, seed, exchange, symbol, crash, truth: truth !== undefined })
  const sink = { ...capture.sink }
  sink.quote = (time, book) => {
    facts.quote(time, book.bid, book.ask)
    capture.sink.quote(time, book)
  }

  let bytes = 0
  const outputs = [await openOutputFile(file)]
  try {
    if (truth !== undefined) outputs.push(await openOutputFile(truth))
    const drain = async () => {
      const text = capture.drainCapture()
      bytes += text.length
      await outputs[0]!.write(text)
      await outputs[1]?.write(capture.drainTruth())
    }
    for (let until = stepMicros; until < duration + stepMicros; until += stepMicros) {
      market.run(Math.min(until, duration), sink)
      if (capture.waiting < chunkBytes) continue
      await drain()
      options.onProgress?.({ lines: capture.counts.lines, share: Math.min(1, until / duration) })
      if (signal?.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped; no file was left')
    }
    capture.end()
    await drain()
    for (const output of outputs) await output.close()
  } catch (error) {
    for (const output of outputs) await output.discard()
    throw error
  }
  return {
    ...capture.counts,
    seed,
    exchange,
    symbol,
    ...capture.range,
    file,
    truth: truth ?? null,
    bytes,
    crash: crash === undefined ? null : { ...crash, from: plan.start + crash.from, to: plan.start + crash.to },
    facts: facts.facts(),
    seconds: (performance.now() - began) / 1000,
  }
}

/** The truth beside a capture: day.gz → day.truth.jsonl.gz. */
export function truthNameOf(file: string): string {
  return `${file.replace(/\.gz$/, '')}.truth.jsonl.gz`
}

/** Checks the options and counts the price in ticks. */
function planOf(options: SimulateOptions) {
  const { exchange, symbol, minutes, start = defaultStart } = options
  if (!writable.includes(exchange)) {
    const message = `messages of "${exchange}" cannot be written; allowed: ${writable.join(', ')}`
    throw new SmartspeedError('UNKNOWN_NAME', message, { fix: `use --exchange ${nearest(exchange, writable)}` })
  }
  if (!/^[A-Z0-9_]{2,40}$/.test(symbol)) {
    throw new SmartspeedError('USAGE', `--symbol ${symbol}: capital letters, digits and _ are allowed, as in BTCUSDT`)
  }
  if (!(minutes >= 1 / 60 && minutes <= 1e6)) {
    throw new SmartspeedError('USAGE', `--minutes ${minutes}: a number from one second (0.017) to 1000000 is allowed`)
  }
  if (!(Number.isInteger(start / 1000) && start >= 0 && start < 4e15)) {
    throw new SmartspeedError('USAGE', `--start ${start}: a whole millisecond from 1970 to 2096 is allowed`)
  }
  const known = instruments[symbol] ?? instruments.BTCUSDT!
  const { price = known.price, tickSize = known.tickSize, lotSize = known.lotSize } = options
  for (const [flag, text] of Object.entries({ '--price': price, '--tick': tickSize, '--lot': lotSize })) {
    if (!/^\d+(\.\d{1,9})?$/.test(text) || !(Number(text) > 0)) {
      throw new SmartspeedError('USAGE', `${flag} ${text}: a decimal number above 0 is allowed, as in 0.10`)
    }
  }
  const startTick = Math.round(Number(price) / Number(tickSize))
  const unitLots = unitNotional / (Number(lotSize) * Number(price))
  if (!(startTick >= 2000 && startTick <= 5_000_000)) {
    throw new SmartspeedError('USAGE', `--price ${price} is ${startTick} ticks: 2000 to 5000000 are allowed`)
  }
  if (!(unitLots >= 1e-4 && unitLots <= 2000)) {
    throw new SmartspeedError(
      'USAGE',
      `--lot ${lotSize} is worth ${Number(lotSize) * Number(price)}: 0.031 to 618000 is allowed`,
    )
  }
  return { start, startTick, unitLots, tickSize, lotSize }
}

export function register(program: Command): void {
  const simulate = program.commands.find((command) => command.name() === 'simulate') ?? program.command('simulate')
  simulate.description('makes data: a market from a seed')
  simulate
    .command('market')
    .description("a seeded market, written in an exchange's own wire format as a capture, with its truth beside it")
    .requiredOption('--seed <n>', 'any text; the same seed gives the same bytes')
    .requiredOption('--minutes <m>', 'length of the simulated recording', Number)
    .addOption(new Option('--exchange <id>', 'whose messages to write').default('binance-usdm'))
    .option(
      '--symbol <s>',
      'as the exchange spells it; for others than BTCUSDT, ETHUSDT and SOLUSDT give price, tick and lot',
      'BTCUSDT',
    )
    .requiredOption('-o, --output <file>', 'the capture; compressed when it ends in .gz')
    .option('--start <time>', 'ISO 8601 or µs since 1970', '2025-01-01T00:00:00Z')
    .option('--price <p>', 'price at the start')
    .option('--tick <t>', 'smallest step of the price')
    .option('--lot <l>', 'smallest step of the size')
    .option('--no-crash', 'without the flash crash')
    .option('--no-truth', 'without the truth file')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed simulate market --seed 7 --minutes 10 --exchange binance-usdm --symbol BTCUSDT -o market.gz',
    )
    .action(async (_options: object, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const bar = progress('simulate')
      const result = await simulateMarket({
        ...flags,
        file: flags.output,
        tickSize: flags.tick,
        lotSize: flags.lot,
        start: microsOf(flags.start),
        signal: stopSignal(),
        onProgress: ({ lines, share }) => bar.update(lines, Math.round(lines / share)),
      }).finally(bar.stop)
      await printResult(flags.json, result, () => summary(result))
    })
}

type Flags = Pick<SimulateOptions, 'seed' | 'minutes' | 'exchange' | 'symbol' | 'price' | 'crash' | 'truth'> & {
  output: string
  start: string
  tick?: string
  lot?: string
  json?: boolean
}

function microsOf(text: string): number {
  const micros = /^\d+$/.test(text) ? Number(text) : Date.parse(text) * 1000
  if (!Number.isFinite(micros)) {
    throw new SmartspeedError('USAGE', `--start ${text}: ISO 8601 (2025-01-01T00:00:00Z) or whole µs are allowed`)
  }
  return micros
}

function summary(result: Simulated): string {
  const { facts, crash } = result
  const iso = (micros: number) => new Date(micros / 1000).toISOString()
  const rate = Math.round(result.lines / result.seconds).toLocaleString('en')
  return [
    `${result.file}: ${result.lines.toLocaleString('en')} lines, ${result.symbol} on ${result.exchange}, seed ${result.seed}`,
    `  ${iso(result.from)} to ${iso(result.to)}`,
    `  ${result.trades} trades, ${result.quotes} quotes, ${result.books} books, ${result.marks} marks, ${result.liquidations} liquidations, ${result.pings} pings`,
    crash === null ? '  no flash crash' : `  flash crash of ${(crash.depth * 100).toFixed(2)} % at ${iso(crash.from)}`,
    `  outside of it: spread ${facts.spread.median} tick (mean ${facts.spread.mean.toFixed(2)}), volatility ${facts.volatilityBps.toFixed(2)} bp a second, kurtosis ${facts.kurtosis.toFixed(1)}`,
    `  ${result.seconds.toFixed(2)} s, ${rate} lines/s${result.truth === null ? '' : `; truth in ${result.truth}`}`,
  ].join('\n')
}
