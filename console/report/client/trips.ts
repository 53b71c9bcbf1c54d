// The table of round trips.
import type { ClientData } from '../data.ts'
import { durationOf, full, isoOf, signed } from '../format.ts'
import { copy, field, save } from './download.ts'
import { type Column, RowTable } from './rows.ts'

/** Fills the table of the page, if there is one. */
export function showTrips(data: ClientData): void {
  const scroll = document.getElementById('trips-scroll')
  if (scroll === null) return
  const table = new RowTable(scroll, columnsOf(data), data.trips.rows)
  const filter = document.getElementById('trips-filter') as HTMLInputElement
  const count = document.getElementById('trips-count')!
  const copying = document.getElementById('trips-copy') as HTMLButtonElement
  const say = () => {
    const none =
      table.count === 0
        ? 'No round trip fits. Clear the filter to see all.'
        : `${full(table.count)} of ${full(data.trips.rows)} fit.`
    count.textContent = filter.value === '' ? '' : none
    count.hidden = filter.value === ''
  }
  filter.addEventListener('input', () => {
    table.filter(filter.value)
    say()
  })
  copying.addEventListener('click', () => void copy(table.lines('\t', String).join('\n'), copying))
  document.getElementById('trips-csv')!.addEventListener('click', () => {
    save(`${data.run}-trips.csv`, table.lines(',', field))
  })
  const print = (printing: boolean) => () => {
    table.printing = printing
    table.draw()
    const rest = table.count - 200
    count.hidden = !printing || rest <= 0
    if (printing && rest > 0) count.textContent = `${full(rest)} more on the screen and in its CSV.`
    if (!printing) say()
  }
  addEventListener('beforeprint', print(true))
  addEventListener('afterprint', print(false))
  say()
}

function columnsOf({ trips, currency }: ClientData): Column[] {
  const { accounts, account, symbols, symbol, long, entryTime, exitTime } = trips
  const number = (key: 'size' | 'entryPrice' | 'exitPrice' | 'fills', name: string, unit?: string): Column => ({
    ...{ name, key, unit, numeric: true },
    value: (row) => trips[key][row]!,
    text: (row) => full(Number(trips[key][row]!.toPrecision(12))),
    csv: (row) => trips[key][row]!,
  })
  const money = (key: 'fees' | 'funding' | 'net', name: string): Column => ({
    ...{ name, key, unit: currency, numeric: true },
    value: (row) => trips[key][row]!,
    text: (row) => signed(full(trips[key][row]!)),
    csv: (row) => trips[key][row]!,
  })
  const time = (times: Float64Array, key: string, name: string): Column => ({
    ...{ name, key, unit: 'UTC', numeric: false },
    value: (row) => times[row]!,
    text: (row) => isoOf(times[row]!).replace('T', ' '),
    csv: (row) => `${isoOf(times[row]!)}Z`,
  })
  const held = (row: number) => (exitTime[row]! - entryTime[row]!) / 1e3
  const text = (key: string, name: string, of: (row: number) => string): Column => ({
    ...{ name, key, numeric: false },
    ...{ value: of, text: of, csv: of },
  })
  const net = money('net', 'Net')
  return [
    time(entryTime, 'entry', 'Entry'),
    {
      ...{ name: 'Held', key: 'held', unit: '', numeric: true },
      value: held,
      text: (row) => durationOf(held(row)),
      csv: held,
    },
    ...(accounts.length > 1 ? [text('account', 'Account', (row) => accounts[account[row]!]!)] : []),
    text('symbol', 'Symbol', (row) => symbols[symbol[row]!]!),
    text('side', 'Side', (row) => (long[row] === 1 ? 'long' : 'short')),
    number('size', 'Size', 'added in all'),
    number('entryPrice', 'Entry price', 'mean'),
    number('exitPrice', 'Exit price', 'mean'),
    number('fills', 'Fills'),
    { ...money('fees', 'Fees'), text: (row) => full(trips.fees[row]!) },
    money('funding', 'Funding'),
    {
      ...net,
      text: (row) => `${arrowOf(trips.net[row]!)}${net.text(row)}`,
      tone: (row) => (trips.net[row]! > 0 ? 'gain' : trips.net[row]! < 0 ? 'loss' : ''),
    },
    {
      ...{ name: 'Exit', key: 'exit', unit: 'UTC', numeric: false },
      value: (row) => exitTime[row]!,
      text: (row) => isoOf(exitTime[row]!).replace('T', ' '),
      csv: (row) => `${isoOf(exitTime[row]!)}Z`,
    },
  ]
}

const arrowOf = (value: number): string => (value > 0 ? '▲ ' : value < 0 ? '▼ ' : '')
