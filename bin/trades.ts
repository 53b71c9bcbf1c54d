// Round trips of a run as rows: CSV for spreadsheets, JSON for programs.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { RoundTrip } from '../operators/metrics/index.ts'
import { e8ToText } from '../operators/portfolio/money.ts'
import { tripsOf } from '../pipelines/collect.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { printLine } from './output.ts'
import { knownRun, withLog } from './runs.ts'

export interface TradesCall {
  readonly dir: string
  readonly json?: boolean
  readonly format: string
  readonly output?: string
}

/** Prints the closed round trips of a run, in the order in which they ended. */
export async function printTrades(run: string, { dir, json, format, output }: TradesCall): Promise<void> {
  if (format !== 'csv' && format !== 'jsonl') {
    throw new SmartspeedError('CONFIG_INVALID', `--format ${format}: csv or jsonl is allowed`, {
      fix: 'choose --format csv',
    })
  }
  const trips = await withLog(dir, async (topics) => tripsOf(topics, run, (await knownRun(topics, run)).plan))
  const rows = trips.closed.map(rowOf)
  const names = Object.keys(rowOf(example))
  const lines = json
    ? [JSON.stringify(rows)]
    : format === 'csv'
      ? [names.join(','), ...rows.map((row) => Object.values(row).join(','))]
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

/** A trip with money as decimal text, exact. */
function rowOf(trip: RoundTrip) {
  const { exchange, symbol, side, entryTime, exitTime, size, averageEntry, averageExit, fills, holdingMs } = trip
  return {
    ...{ exchange, symbol, side, entryTime, exitTime, size, averageEntry, averageExit, fills, holdingMs },
    ...{ fees: e8ToText(trip.feesE8), funding: e8ToText(trip.fundingE8), pnl: e8ToText(trip.pnlE8) },
  }
}

const example: RoundTrip = {
  ...{
    exchange: '',
    symbol: '',
    side: 'long',
    entryTime: 0,
    exitTime: 0,
    size: 0,
    averageEntry: 0,
    averageExit: 0,
    fills: 0,
  },
  ...{ holdingMs: 0, feesE8: 0n, fundingE8: 0n, pnlE8: 0n, pnl: 0 },
}
