// The tables of a report as files, a table each: what its page shows, for notebooks.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { collectReport } from '../console/report/collect.ts'
import type { ReportData } from '../console/report/data.ts'
import { textToE8 } from '../operators/portfolio/money.ts'
import packageJson from '../package.json' with { type: 'json' }
import type { RunAbout } from '../pipelines/about.ts'
import { tripsOf } from '../pipelines/collect.ts'
import type { Batch } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { wordAt } from '../schemas/columns.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import type { Row } from './rows/objects.ts'
import { amount, figureTable, number, type Table, tableFormat, text, time, whole, writeTable } from './rows/tables.ts'
import { knownRun } from './runs.ts'
import { tripFields, tripRow } from './trades.ts'

export interface WrittenTables {
  readonly run: string
  readonly dir: string
  readonly tables: readonly { readonly table: string; readonly file: string; readonly rows: number }[]
}

/**
 * Writes each table of the report of a run to a file of its name in a folder, which is made where it is missing. Memory does not
 * grow with the run but for its round trips.
 *
 * In:     format — parquet, arrow, csv or jsonl.
 * Errors: RUN_MISSING; UNKNOWN_NAME for a format, before anything is read; those of reading topics and of the file system.
 */
export async function writeTables(
  topics: Topics,
  run: string,
  { dir, format }: { dir: string; format: string },
): Promise<WrittenTables> {
  const writer = tableFormat(format)
  const about = await knownRun(topics, run)
  const data = await collectReport(topics, run, { about, version: packageJson.version })
  const { closed } = await tripsOf(topics, run, about.plan, { reasons: true })
  await mkdir(dir, { recursive: true })
  const all = [
    equityTable(topics, run, about, data),
    ...[drawdownTable(data), monthTable(data), figureTable('metrics', data.performance)],
    { name: 'trades', fields: tripFields, rows: closed.map(tripRow) },
    ...[breakdownTable(data), openTable(data), accountTable(data), refusalTable(data), assumptionTable(data)],
  ]
  const tables: WrittenTables['tables'][number][] = []
  for (const table of all) {
    const file = join(dir, `${table.name}.${format}`)
    tables.push({ table: table.name, file, rows: await writeTable(table, writer, file) })
  }
  return { run, dir, tables }
}

/**
 * Equity at mark of all accounts together, a row each time that it was told: the cash at the start, then after executions, funding and
 * each minute, then at the last row of the market. `peak` is the highest so far, `drawdown` the fraction below it, 0 or less.
 */
function equityTable(topics: Topics, run: string, about: RunAbout, { from, to, money }: ReportData): Table {
  const topic = physicalName('accounts', run)
  const worth = new Map(about.seats.map(({ account }) => [account.name, textToE8(String(account.cash))]))
  let peak: bigint | undefined
  const rowOf = (at: number, equity: bigint): Row => {
    peak = peak === undefined || equity > peak ? equity : peak
    return { time: at, equity, peak, drawdown: peak > 0n ? Number(equity - peak) / Number(peak) : 0 }
  }
  async function* rows(): AsyncGenerator<Row> {
    let total = money.start
    let at = from
    if ((await topics.list()).some(({ name }) => name === topic)) {
      for await (const { merged } of replay(topics, { inputs: [{ topic }], to: to + 1 })) {
        for (let row = 0; row < merged.rows; row++) {
          const { columns } = merged.sources[merged.source[row]!] as Batch<'accounts'>
          const place = merged.row[row]!
          const received = columns.received[place]!
          // What several accounts said at once is one row, after the last of them.
          if (received > at) {
            yield rowOf(at, total)
            at = received
          }
          const name = wordAt(columns.account, place)!
          total += columns.equity[place]! - (worth.get(name) ?? 0n)
          worth.set(name, columns.equity[place]!)
        }
      }
    }
    if (to > at) yield rowOf(at, total)
    yield rowOf(to, money.end)
  }
  return { name: 'equity', fields: [time('time'), amount('equity'), amount('peak'), number('drawdown')], rows: rows() }
}

/** The deepest falls, the deepest first; `recovery` is absent where equity did not come back. */
function drawdownTable({ falls }: ReportData): Table {
  return {
    name: 'drawdowns',
    fields: [
      ...[whole('rank'), number('depth'), time('start'), time('trough'), time('recovery')],
      ...[number('durationMs'), number('recoveryMs')],
    ],
    rows: falls.map((fall, at) => ({ rank: at + 1, ...fall })),
  }
}

/** Calendar months, UTC; `days` says how many day ends of it there were. */
function monthTable({ months }: ReportData): Table {
  return {
    name: 'months',
    fields: [whole('year'), whole('month'), number('return'), whole('days')],
    rows: months.months.map(({ year, month, totalReturn, days }) => ({ year, month, return: totalReturn, days })),
  }
}

/** Round trips by where and when they were entered. */
function breakdownTable({ breakdowns }: ReportData): Table {
  return {
    name: 'breakdowns',
    fields: [
      ...[text('by'), text('key'), whole('trades'), amount('net'), number('winRate'), number('profitFactor')],
      ...[number('expectancy'), number('averageHoldingMs'), number('fees'), number('funding')],
    ],
    rows: breakdowns.flatMap(({ id, groups }) =>
      groups.map((group) => ({ by: id, ...given(group), net: group.netE8 })),
    ),
  }
}

function openTable({ open }: ReportData): Table {
  return {
    name: 'open-positions',
    fields: [
      ...[text('account'), text('symbol'), number('size'), text('unit'), number('entryPrice'), number('mark')],
      number('unrealized'),
    ],
    rows: open.map((one) => ({ ...one })),
  }
}

/** A row a strategy with its account. */
function accountTable({ seats }: ReportData): Table {
  return {
    name: 'accounts',
    fields: [
      ...[text('account'), text('strategy'), amount('start'), amount('end'), amount('fees'), amount('funding')],
      ...[whole('fills'), whole('trips'), number('winRate'), number('maxDrawdown')],
    ],
    rows: seats.map((one) => ({ ...one })),
  }
}

function refusalTable({ refusals }: ReportData): Table {
  return {
    name: 'refusals',
    fields: [text('by'), text('check'), text('reason'), whole('count'), text('example')],
    rows: refusals.map((one) => ({ ...one })),
  }
}

function assumptionTable({ assumptions }: ReportData): Table {
  return {
    name: 'assumptions',
    fields: [text('name'), text('value'), text('meaning')],
    rows: assumptions.map((one) => ({ ...one })),
  }
}

/** Figures that are there. */
function given(figures: object): Row {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== null))
}
