// Round trips of a run as rows, in every format of tables.

import type { RoundTrip } from '../operators/metrics/index.ts'
import { tripsOf } from '../pipelines/collect.ts'
import { type Where, withTopics } from './options.ts'
import type { Row } from './rows/objects.ts'
import { amount, number, printTable, tableFormatOf, text, time, whole } from './rows/tables.ts'
import { knownRun } from './runs.ts'

export interface TradesCall extends Where {
  readonly json?: boolean
  readonly format?: string
  readonly output?: string
}

/**
 * Prints the closed round trips of a run, in the order in which they ended; with `--json` as one array.
 *
 * Errors: UNKNOWN_NAME for a format, USAGE for one that is not for a terminal, both before anything is read; RUN_MISSING.
 */
export async function printTrades(run: string, { json, format, output, ...where }: TradesCall): Promise<void> {
  // With --json on stdout the format was never asked.
  const options = json && output === undefined ? { json } : { format, output, json }
  tableFormatOf(options)
  const trips = await withTopics(where, async (topics) => {
    const { plan } = await knownRun(topics, run)
    return tripsOf(topics, run, plan, { reasons: true })
  })
  const rows = trips.closed.map(tripRow)
  await printTable({ name: 'trades', fields: tripFields, rows }, options)
}

/** `return` is a fraction of what was paid for the position, after all costs. */
export const tripFields = [
  ...[text('exchange'), text('symbol'), text('side'), time('entryTime'), time('exitTime'), number('size')],
  ...[number('averageEntry'), number('averageExit'), whole('fills'), number('holdingMs')],
  ...[amount('fees'), amount('funding'), amount('pnl'), text('account'), text('strategy')],
  ...[number('return'), amount('entryNotional'), text('entryReason'), text('exitReason')],
]

/** A trip as a row of these fields. */
export function tripRow(trip: RoundTrip): Row {
  return {
    ...trip,
    ...{ fees: trip.feesE8, funding: trip.fundingE8, pnl: trip.pnlE8 },
    ...{ return: trip.returnOnEntry, entryNotional: trip.entryNotionalE8 },
  }
}
