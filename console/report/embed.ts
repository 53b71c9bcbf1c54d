// Data inside the page: JSON for what has names, and every typed array in one deflated block, as base64.
// client/columns.ts reads it back.
import { deflateRawSync } from 'node:zlib'
import type { ClientData, ReportData, Series, TripColumns } from './data.ts'
import { histogramCsv } from './histogram.ts'
import { monthsCsv, showsMonths } from './months.ts'

export interface Embedded {
  /** JSON in which a typed array is `{"$":["Float64Array",byteOffset,length]}`. No `<` in it: it may stand in a script element. */
  readonly json: string
  /** Base64 of the deflated bytes of the arrays. */
  readonly columns: string
}

export function embed(data: ReportData): Embedded {
  return packed(clientData(data))
}

/** Any data for a script: what `readData` of client/columns.ts gives back. */
export function packed(data: unknown): Embedded {
  const blocks: Uint8Array[] = []
  let bytes = 0
  const json = JSON.stringify(data, (_name, value: unknown) => {
    if (!(value instanceof Float64Array || value instanceof Uint32Array || value instanceof Uint8Array)) return value
    const at = bytes
    const block = new Uint8Array(Math.ceil(value.byteLength / 8) * 8)
    block.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    blocks.push(block)
    bytes += block.length
    return { $: [value.constructor.name, at, value.length] }
  })
  // Level 6 takes twice as long for a page a tenth smaller.
  return {
    json: json.replaceAll('<', '\\u003c'),
    columns: deflateRawSync(Buffer.concat(blocks), { level: 3 }).toString('base64'),
  }
}

function clientData(data: ReportData): ClientData {
  const { run, currency, from, to, equity, instruments, gaps, falls, rolling, benchmark, seats, margin } = data
  const startEquity = Number(data.money.start) / 1e8
  return {
    ...{ run, currency, from, to, equity, instruments, gaps, falls, rolling, startEquity },
    benchmark: benchmark?.equity,
    results:
      seats.length < 2
        ? []
        : seats.map(({ account, equity: own, start }) => resultOf(account, own, Number(start) / 1e8)),
    margin: margin?.accounts.map(({ account, ratio }) => ({ name: account, series: ratio })) ?? [],
    compared: [],
    trips: tripColumns(data),
    tables: tablesOf(data),
  }
}

/** What an account won or lost since its start. */
function resultOf(name: string, { times, values, of }: Series, start: number): { name: string; series: Series } {
  return { name, series: { times, values: values.map((value) => value - start), of } }
}

/** The charts that the page draws without its script. */
function tablesOf({ returns, holding, months }: ReportData): ClientData['tables'] {
  return {
    ...(returns.count > 0 ? { returns: histogramCsv(returns, 'percent'), holding: histogramCsv(holding, 'ms') } : {}),
    ...(showsMonths(months) ? { months: monthsCsv(months) } : {}),
  }
}

function tripColumns({ trips }: ReportData): TripColumns {
  const symbols = [...new Set(trips.map((trip) => trip.symbol))]
  const accounts = [...new Set(trips.map((trip) => trip.account))]
  return {
    ...{ rows: trips.length, accounts },
    account: Uint32Array.from(trips, (trip) => accounts.indexOf(trip.account)),
    symbols,
    symbol: Uint32Array.from(trips, (trip) => symbols.indexOf(trip.symbol)),
    long: Uint8Array.from(trips, (trip) => (trip.side === 'long' ? 1 : 0)),
    entryTime: Float64Array.from(trips, (trip) => trip.entryTime),
    exitTime: Float64Array.from(trips, (trip) => trip.exitTime),
    size: Float64Array.from(trips, (trip) => trip.size),
    entryPrice: Float64Array.from(trips, (trip) => trip.entryPrice),
    exitPrice: Float64Array.from(trips, (trip) => trip.exitPrice),
    fills: Uint32Array.from(trips, (trip) => trip.fills),
    fees: Float64Array.from(trips, (trip) => trip.fees),
    funding: Float64Array.from(trips, (trip) => trip.funding),
    net: Float64Array.from(trips, (trip) => trip.net),
  }
}
