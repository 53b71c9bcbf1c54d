// The year of one-minute bars that event-driven engines are measured on: real bars, tiled and mirrored to 525,600.

import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { instrumentOf } from '../operators/instrument.ts'
import type { CandleColumns } from '../operators/research/vectorized/index.ts'

export const minutes = 525_600
/** 2024-01-01T00:00Z, µs. */
export const startUs = 1_704_067_200_000_000

/** What the series is a market of. */
export const benchInstrument = instrumentOf(
  {
    ...{ time: startUs, received: startUs, exchange: 'bench', symbol: 'BTC-PERP', type: 'perpetual' },
    ...{ base: 'BTC', quote: 'USD', settle: 'USD', tickSize: 0.01, lotSize: 1, minNotional: 0, contractSize: 1 },
    ...{ inverse: false, ccxtSymbol: '', status: 'trading', inferred: false },
  },
  0,
)

/** Prices in whole cents. */
export interface Series {
  readonly open: Int32Array
  readonly high: Int32Array
  readonly low: Int32Array
  readonly close: Int32Array
  readonly volume: Float64Array
}

/**
 * `count` bars: the file as it is, then mirrored (p′ = A / p with A = first open × last close, so that tiles join), and so on.
 * Cents are floor(p × 100 + 0.5).
 */
export async function yearOfBars(data: string, count = minutes): Promise<Series> {
  const tile = await readTile(join(data, 'bars', 'btc-perp-1m-2022-01.csv.gz'))
  const rows = tile.open.length
  const mirror = (tile.open[0]! / 100) * (tile.close[rows - 1]! / 100)
  const flip = (cents: number) => Math.floor((mirror / (cents / 100)) * 100 + 0.5)
  const series: Series = {
    open: new Int32Array(count),
    high: new Int32Array(count),
    low: new Int32Array(count),
    close: new Int32Array(count),
    volume: new Float64Array(count),
  }
  for (let i = 0; i < count; i++) {
    const row = i % rows
    const mirrored = Math.floor(i / rows) % 2 === 1
    const [open, high, low, close] = [tile.open[row]!, tile.high[row]!, tile.low[row]!, tile.close[row]!]
    series.open[i] = mirrored ? flip(open) : open
    series.high[i] = mirrored ? flip(low) : high
    series.low[i] = mirrored ? flip(high) : low
    series.close[i] = mirrored ? flip(close) : close
    series.volume[i] = tile.volume[row]!
  }
  return series
}

/** The same as columns of candles, a minute each. */
export function candlesOf({ open, high, low, close, volume }: Series): CandleColumns {
  const prices = (cents: Int32Array) => Float64Array.from(cents, (value) => value / 100)
  const time = Float64Array.from(open, (_, bar) => startUs + bar * 60_000_000)
  return { time, open: prices(open), high: prices(high), low: prices(low), close: prices(close), volume }
}

async function readTile(file: string): Promise<{ [K in keyof Series]: number[] }> {
  const tile = {
    open: [] as number[],
    high: [] as number[],
    low: [] as number[],
    close: [] as number[],
    volume: [] as number[],
  }
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    if (line++ === 0 || text === '') continue
    const [, open, high, low, close, volume] = text.split(',')
    tile.open.push(cents(open!))
    tile.high.push(cents(high!))
    tile.low.push(cents(low!))
    tile.close.push(cents(close!))
    tile.volume.push(Number(volume))
  }
  return tile
}

function cents(text: string): number {
  return Math.floor(Number(text) * 100 + 0.5)
}

/** Writes a series as CSV with `open_time_ms`, as `smartspeed load bars` reads it. */
export async function writeCsv(series: Series, file: string): Promise<void> {
  const out = createWriteStream(file)
  out.write('open_time_ms,open,high,low,close,volume\n')
  const price = (value: number) => (value / 100).toFixed(2)
  for (let i = 0; i < series.open.length; i++) {
    const { open, high, low, close, volume } = series
    const line = `${startUs / 1000 + i * 60_000},${price(open[i]!)},${price(high[i]!)},${price(low[i]!)},${price(close[i]!)},${volume[i]}\n`
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}
