// Data inside the page: JSON for what has names, and every typed array in one deflated block, as base64.
// client/columns.ts reads it back.
import { deflateRawSync } from 'node:zlib'
import type { ClientData, ReportData, TripColumns } from './data.ts'

export interface Embedded {
  /** JSON in which a typed array is `{"$":["Float64Array",byteOffset,length]}`. No `<` in it: it may stand in a script element. */
  readonly json: string
  /** Base64 of the deflated bytes of the arrays. */
  readonly columns: string
}

export function embed(data: ReportData): Embedded {
  const blocks: Uint8Array[] = []
  let bytes = 0
  const json = JSON.stringify(clientData(data), (_name, value: unknown) => {
    if (!(value instanceof Float64Array || value instanceof Uint32Array || value instanceof Uint8Array)) return value
    const at = bytes
    const block = new Uint8Array(Math.ceil(value.byteLength / 8) * 8)
    block.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    blocks.push(block)
    bytes += block.length
    return { $: [value.constructor.name, at, value.length] }
  })
  return {
    json: json.replaceAll('<', '\\u003c'),
    columns: deflateRawSync(Buffer.concat(blocks), { level: 6 }).toString('base64'),
  }
}

function clientData(data: ReportData): ClientData {
  const { run, currency, from, to, equity, instruments, gaps } = data
  const startEquity = Number(data.money.start) / 1e8
  return { run, currency, from, to, equity, instruments, gaps, startEquity, trips: tripColumns(data) }
}

function tripColumns({ trips }: ReportData): TripColumns {
  const symbols = [...new Set(trips.map((trip) => trip.symbol))]
  return {
    rows: trips.length,
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
