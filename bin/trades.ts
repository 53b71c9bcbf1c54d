// Round trips of a run as rows: CSV for spreadsheets, JSON for programs.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { RoundTrip } from '../operators/metrics/index.ts'
import { e8ToText } from '../operators/portfolio/money.ts'
import { tripsOf } from '../pipelines/collect.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { type Where, withTopics } from './options.ts'
import { printLine } from './output.ts'
import { knownRun } from './runs.ts'

export interface TradesCall extends Where {
  readonly json?: boolean
  readonly format: string
  readonly output?: string
}

/** Prints the closed round trips of a run, in the order in which they ended. */
export async function printTrades(run: string, { json, format, output, ...where }: TradesCall): Promise<void> {
  if (format !== 'csv' && format !== 'jsonl') {
    throw new SmartspeedError('CONFIG_INVALID', `--format ${format}: csv or jsonl is allowed`, {
      fix: 'choose --format csv',
    })
  }
  const trips = await withTopics(where, async (topics) => {
    const { plan } = await knownRun(topics, run)
    return tripsOf(topics, run, plan, { reasons: true })
  })
  const rows = trips.closed.map(rowOf)
  const lines = json
    ? [JSON.stringify(rows)]
    : format === 'csv'
      ? [columns.join(','), ...trips.closed.map(csvLine)]
      : rows.map((row) => JSON.stringify(row))
  if (output === undefined) {
    for (const line of lines) await printLine(line)
    return
  }
  const file = createWriteStream(output)
  for (const line of lines) if (!file.write(`${line}\n`)) await once(file, 'drain')
  file.end()
  await once(file, 'close')
}

const columns = [
  ...(['exchange', 'symbol', 'side', 'entryTime', 'exitTime', 'size', 'averageEntry', 'averageExit'] as const),
  ...(['fills', 'holdingMs', 'fees', 'funding', 'pnl', 'account', 'strategy', 'return', 'entryNotional'] as const),
  ...(['entryReason', 'exitReason'] as const),
] as const

/** A trip with money as decimal text, exact; `return` is a fraction of what was paid for the position, after all costs. */
function rowOf(trip: RoundTrip): Record<(typeof columns)[number], string | number | null> {
  const { exchange, symbol, side, entryTime, exitTime, size, averageEntry, averageExit, fills, holdingMs } = trip
  return {
    ...{ exchange, symbol, side, entryTime, exitTime, size, averageEntry, averageExit, fills, holdingMs },
    ...{ fees: e8ToText(trip.feesE8), funding: e8ToText(trip.fundingE8), pnl: e8ToText(trip.pnlE8) },
    ...{ account: trip.account ?? null, strategy: trip.strategy ?? null, return: trip.returnOnEntry },
    entryNotional: e8ToText(trip.entryNotionalE8),
    ...{ entryReason: trip.entryReason ?? null, exitReason: trip.exitReason ?? null },
  }
}

/** A trip as a line of CSV, its columns in the order above. */
export function csvLine(trip: RoundTrip): string {
  const row = rowOf(trip)
  return columns.map((name) => cellOf(row[name])).join(',')
}

/** A cell of CSV (RFC 4180): quoted where it holds what would end it. */
function cellOf(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
