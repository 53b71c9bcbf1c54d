// The ledger of runs as a table for programs.
import { textToE8 } from '../operators/portfolio/money.ts'
import type { Where } from './options.ts'
import type { RowOptions } from './rows/index.ts'
import type { Row } from './rows/objects.ts'
import { amount, number, printTable, tableFormatOf, text, time, whole } from './rows/tables.ts'
import { listRuns, type RunLine } from './runs.ts'

const fields = [
  ...[text('run'), text('pipeline'), whole('tasks'), text('status'), text('strategy'), text('exchange')],
  ...[text('symbols'), time('from'), time('to'), whole('rows'), whole('fills'), whole('trades')],
  ...[amount('finalEquity'), amount('net'), number('totalReturn'), text('currency'), text('configHash')],
  ...[text('codeHash'), time('started')],
]

/** Every run, the newest first, a row each. Errors: UNKNOWN_NAME and USAGE of the format, before anything is read; NO_DATA. */
export async function printRuns(where: Where, options: RowOptions): Promise<void> {
  tableFormatOf(options)
  await printTable({ name: 'runs', fields, rows: (await listRuns(where)).map(rowOf) }, options)
}

/** What is not known of a run that is not finished is absent. */
function rowOf({ symbols, from, to, finalEquity, net, startedMs, ...line }: RunLine): Row {
  return {
    ...line,
    ...{ symbols: symbols.join(' '), from: from ?? undefined, to: to ?? undefined, started: startedMs * 1000 },
    ...{ finalEquity: e8(finalEquity), net: e8(net), totalReturn: line.totalReturn ?? undefined },
  }
}

function e8(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : textToE8(value.toFixed(8))
}
