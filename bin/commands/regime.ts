// `smartspeed regime FILE`: regimes over the candles of a file.
import type { Command } from 'commander'
import type { RegimeEngine } from '../../operators/regime/engine.ts'
import { noteLeftOut } from '../left-out.ts'
import type { GlobalOptions } from '../options.ts'
import { counted, note, printResult } from '../output.ts'
import type { Target } from '../rows/target.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions {
  readonly interval?: string
  readonly timeColumn?: string
  readonly output?: string
}

export function register(program: Command): void {
  program
    .command('regime <file>')
    .description(
      'market regimes over 1m, 1h and 24h and the risk regime, over the candles of a CSV file, plain or gzip',
    )
    .option('--interval <interval>', 'how long a candle is: 1s … 1d; the shortest distance of two when left out')
    .option('--time-column <name>', 'column with the start of each candle; open_time_ms, timestamp, … are found')
    .option('-o, --output <file>', 'write the CSV to this file; .gz compresses it')
    .addHelpText(
      'after',
      [
        '',
        'Columns: time (when the candle closed: nobody knew it before), horizon, regime, confidence, strength, since.',
        'A horizon shorter than a candle, or before its warm-up, has no row. docs/regimes.md has every rule.',
        '',
        'Example:',
        '  npx smartspeed regime ../shared/data/bars/btc-perp-1m-2022-01.csv.gz -o regimes.csv',
      ].join('\n'),
    )
    .action(async (file: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const seen = await writeRegimes(file, flags, stopSignal())
      noteLeftOut(file, seen)
      if (seen.priceless > 0) {
        const [one, many] = ['candle without a price above 0 was', 'candles without a price above 0 were']
        note(`${counted(seen.priceless, one, many)} left out`)
      }
      if (seen.rows === 0) note(await tooFew(seen.candles - seen.priceless, seen.barUs))
      const { output } = flags
      if (output === undefined) return
      const { candles, rows, complete } = seen
      await printResult(flags.json, { file: output, candles, rows, complete }, () => `${rows} rows in ${output}`)
    })
}

/**
 * Reads, computes and writes chunk by chunk, so that memory does not grow with the file, but for JSON on stdout.
 *
 * Errors: FILE_…, NO_DATA, CONFIG_INVALID for an interval, INTERRUPTED.
 */
async function writeRegimes(file: string, flags: Flags, signal: AbortSignal) {
  const { openCapture } = await import('../../connectors/capture.ts')
  const { candleColumns } = await import('../../connectors/files/candle-columns.ts')
  const { RegimeEngine } = await import('../../operators/regime/engine.ts')
  const { fileTarget, stdoutTarget, wholeTarget } = await import('../rows/target.ts')
  const { SmartspeedError } = await import('../../schemas/errors.ts')
  const told = flags.interval === undefined ? undefined : await intervalUs(flags.interval)
  const chunks = candleColumns(await openCapture(file), { timeColumn: flags.timeColumn, needs: ['close'] })
  // The first chunk shows what is wrong with the file, before anything is written.
  let next = await chunks.next()
  const barUs = told ?? (next.done ? Number.NaN : await shortest(file, next.value.openTime))
  const engine = new RegimeEngine(1, barUs)
  const isJson = flags.json === true && flags.output === undefined
  const stdout = isJson ? wholeTarget(stdoutTarget()) : stdoutTarget()
  const target = flags.output === undefined ? stdout : await fileTarget(flags.output)
  const sink = new RowSink(target, isJson)
  let priceless = 0
  try {
    while (!next.done) {
      if (signal.aborted) throw new SmartspeedError('INTERRUPTED', 'stopped before the last candle')
      const { openTime, close, volume } = next.value
      for (const price of close) if (!(price > 0)) priceless++
      await sink.write(engine, { time: openTime.map((start) => start + barUs), close, volume })
      next = await chunks.next()
    }
    if (priceless === next.value.candles) {
      throw new SmartspeedError('NO_DATA', `no candle of ${file} closes at a price above 0`, {
        fix: 'funding rates and other series that are no prices have no regime',
      })
    }
    await sink.end()
    await target.close()
  } catch (error) {
    await target.discard()
    throw error
  }
  return { ...next.value, rows: sink.rows, priceless, barUs }
}

/** Regimes as CSV, or as one JSON array. */
class RowSink {
  rows = 0
  private readonly target: Target
  private readonly json: boolean
  private begun = false

  constructor(target: Target, json: boolean) {
    this.target = target
    this.json = json
  }

  async write(
    engine: RegimeEngine,
    bars: { time: Float64Array; close: Float64Array; volume: Float64Array },
  ): Promise<void> {
    const { regimeRowsOf } = await import('../../operators/regime/engine.ts')
    const { time } = bars
    const instrument = new Uint32Array(time.length)
    const out = engine.run({ ...bars, instrument, funding: new Float64Array(time.length).fill(Number.NaN) })
    let text = ''
    for (let bar = 0; bar < time.length; bar++) {
      for (const row of regimeRowsOf(out, bar)) {
        const { horizon, regime, confidence, strength, since } = row
        if (this.json) text += `${this.rows === 0 ? '\n' : ',\n'}${JSON.stringify({ time: time[bar], ...row })}`
        else text += `${time[bar]},${horizon},${regime},${confidence},${strength},${since}\n`
        this.rows++
      }
    }
    if (text !== '') await this.target.write(Buffer.from(this.begin() + text))
  }

  async end(): Promise<void> {
    await this.target.write(Buffer.from(`${this.begin()}${this.json ? '\n]\n' : ''}`))
  }

  private begin(): string {
    if (this.begun) return ''
    this.begun = true
    return this.json ? '[' : 'time,horizon,regime,confidence,strength,since\n'
  }
}

async function intervalUs(text: string): Promise<number> {
  const { parseInterval } = await import('../../operators/bars/index.ts')
  const { SmartspeedError } = await import('../../schemas/errors.ts')
  const interval = parseInterval(text)
  if (interval.kind === 'time') return interval.us
  throw new SmartspeedError('CONFIG_INVALID', `--interval ${text}: candles have a length in time`, {
    fix: 'choose 1s, 1m, 5m, 1h … 1d',
  })
}

/** The shortest distance of two candles: where some are missing, others still stand side by side. */
async function shortest(file: string, openTime: Float64Array): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let at = 1; at < openTime.length; at++) least = Math.min(least, openTime[at]! - openTime[at - 1]!)
  if (Number.isFinite(least)) return least
  const { SmartspeedError } = await import('../../schemas/errors.ts')
  throw new SmartspeedError('NO_DATA', `${file} has one candle: it does not say how long it is`, {
    fix: 'add --interval, and more candles: regimes begin with the 21st',
  })
}

async function tooFew(candles: number, barUs: number): Promise<string> {
  const { regimeWarmup } = await import('../../operators/regime/engine.ts')
  const { horizons } = await import('../../operators/regime/horizons.ts')
  const needed = horizons.flatMap((horizon) => regimeWarmup(horizon, barUs) ?? [])
  return `no row: ${candles} candles are fewer than the ${Math.min(...needed)} that the first horizon needs`
}
