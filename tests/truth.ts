// Reads the truth file of a simulated market, so that what an import made of its capture can be checked.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { TruthBook, TruthEnd, TruthHeader, TruthTrade } from '../bin/market-capture.ts'

export type TruthRow = TruthHeader | TruthTrade | TruthBook | TruthEnd

/** The rows of a truth file in order: the header, trades and books by time, the end. Memory: a line. */
export async function* readTruth(file: string): AsyncGenerator<TruthRow> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()) })
  for await (const line of lines) yield JSON.parse(line)
}

/** A whole truth file by kind; for runs of a few minutes. Errors: throws when the file lacks its header or its end. */
export async function wholeTruth(file: string) {
  const trades: TruthTrade[] = []
  const books: TruthBook[] = []
  let header: TruthHeader | undefined
  let end: TruthEnd | undefined
  for await (const row of readTruth(file)) {
    if (row.kind === 'trade') trades.push(row)
    else if (row.kind === 'book') books.push(row)
    else if (row.kind === 'header') header = row
    else end = row
  }
  if (header === undefined || end === undefined) throw new Error(`${file} is not a whole truth file`)
  return { header, trades, books, end, ...units(header) }
}

/** Ticks and lots as the doubles that records hold: the nearest to the decimal text of the wire. */
export function units({ tickSize, lotSize }: Pick<TruthHeader, 'tickSize' | 'lotSize'>) {
  return { price: scaled(tickSize), size: scaled(lotSize) }
}

function scaled(step: string): (steps: number) => number {
  const scale = 10 ** (step.split('.')[1]?.length ?? 0)
  const whole = Math.round(Number(step) * scale)
  // A whole number over a power of ten is rounded once, so it is the double that the text reads as.
  return (steps) => (steps * whole) / scale
}
