// Funding rates from a file into the topic `funding`. Files are small (three rows a day), so one is read whole.
import { openCapture } from '../connectors/capture.ts'
import { excerpt } from '../connectors/files/cells.ts'
import { fundingLines } from '../connectors/files/funding.ts'
import { checkExchange } from '../connectors/files/instrument.ts'
import { linesOf } from '../connectors/files/lines.ts'
import { batchOf } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Funding, FundingColumns } from '../schemas/records.generated.ts'
import { isoOf } from '../schemas/time.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { FileLetters, letterSource } from './load-letters.ts'
import { importWriter } from './market-writer.ts'

export interface LoadFunding {
  readonly file: string
  readonly exchange: string
  readonly symbol: string
}

export interface LoadedFunding {
  /** Rates that were added. */
  readonly rows: number
  /** First and last settlement of the file, µs. */
  readonly from: number
  readonly to: number
  /** Settlements that the topic, or the file, had already. */
  readonly duplicates: number
  /** Lines that became dead letters: no rates, or other rates than those of the same time before, which stay. */
  readonly deadLetters: number
  /** False when the file ends in the middle of compressed data. */
  readonly complete: boolean
}

/**
 * Adds the rates of a file that the topic has not got yet, in one commit.
 *
 * Errors: CONFIG_INVALID when a column is missing, FILE_…, NO_DATA when there is no rate in the file, LEASE_HELD.
 */
export async function loadFunding(topics: Topics, load: LoadFunding): Promise<LoadedFunding> {
  const { exchange, symbol } = load
  checkExchange(exchange)
  const lines = linesOf(await openCapture(load.file))
  const known = await knownRates(topics, load)
  const letters = await FileLetters.open(topics, { exchange, symbol, source: letterSource(load.file, 'funding') })
  const fresh: Funding[] = []
  const counts = { duplicates: 0, deadLetters: 0 }
  let reader: ReturnType<typeof fundingLines> | undefined
  let [from, to, complete] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true]
  for (;;) {
    const { done, value: line } = await lines.next()
    if (done) {
      complete = line
      break
    }
    if (reader === undefined) {
      reader = fundingLines(line.text, load)
      continue
    }
    try {
      const row = reader.parse(line.text)
      const before = known.get(row.time)
      if (before !== undefined && before !== row.rate) throw contradiction(row, before, line.text)
      letters.readable(line.number)
      if (before === undefined) fresh.push(row)
      else counts.duplicates++
      known.set(row.time, row.rate)
      from = Math.min(from, row.time)
      to = Math.max(to, row.time)
    } catch (error) {
      if (!(error instanceof SmartspeedError)) throw error
      counts.deadLetters++
      letters.unreadable(line, error, to > 0 ? to : Number.NaN)
    }
  }
  if (!(to > 0)) {
    throw new SmartspeedError('NO_DATA', `there is no funding rate in ${load.file}`, {
      fix: 'a line is: time,rate under a header',
    })
  }
  fresh.sort((a, b) => a.time - b.time)
  const outputs = [...(fresh.length > 0 ? [batchOf('funding', fresh)] : []), ...letters.take(from)]
  const writer = await importWriter(topics)
  try {
    if (outputs.length > 0) await writer.commit({ outputs })
  } finally {
    await writer.close()
  }
  return { rows: fresh.length, from, to, ...counts, complete }
}

/** Rates that the topic has, by when they were paid. */
async function knownRates(topics: Topics, { exchange, symbol }: LoadFunding): Promise<Map<number, number>> {
  const known = new Map<number, number>()
  const topic = physicalName('funding')
  if (!(await topics.list()).some(({ name }) => name === topic)) return known
  for await (const { merged } of replay(topics, { inputs: [{ topic }], exchange, symbols: [symbol] })) {
    for (let at = 0; at < merged.rows; at++) {
      const { time, rate, next } = merged.sources[merged.source[at]!]!.columns as FundingColumns
      const row = merged.row[at]!
      // One that announces what is to be paid is another fact.
      if (Number.isNaN(next[row]!)) known.set(time[row]!, rate[row]!)
    }
  }
  return known
}

function contradiction({ time, rate }: Funding, before: number, text: string): SmartspeedError {
  const message = `the rate of ${isoOf(time)} is ${before} there already, and here ${rate}: ${excerpt(text)}`
  return new SmartspeedError('VALUE_IMPOSSIBLE', message)
}
