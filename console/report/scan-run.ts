// What a run wrote to its topics, read once from front to back: curves, fills, and why orders came to nothing.
import { type Instrument, priceOf, sizeOf } from '../../operators/instrument.ts'
import { textToE8 } from '../../operators/portfolio/money.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import { type Batch, rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { wordAt } from '../../schemas/columns.ts'
import type { Account, Execution, RecordName, RiskEvent } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import type { Refusal } from './data.ts'
import { DayEnds, Thinned, ThinnedFills } from './thin.ts'

/** Time with an open position: `us` of those that ended, and when the one that is open began. */
export interface Held {
  us: number
  since: number | undefined
}

/** One account of the run. */
export interface AccountScan {
  readonly equity: Thinned
  /** The last row. */
  readonly last: Account | undefined
  readonly fills: number
}

export interface RunScan {
  /** Of all accounts together: of each its last known equity. */
  readonly equity: Thinned
  /** The same at the end of each UTC day. */
  readonly days: DayEnds
  /** By name, in the order in which they were given. */
  readonly accounts: ReadonlyMap<string, AccountScan>
  /** By symbol, of all accounts together. */
  readonly positions: ReadonlyMap<string, Thinned>
  /** By symbol and account: what is held at the end, signed. */
  readonly left: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By symbol: how long a position was open, µs; one still open is counted from `since`. */
  readonly held: ReadonlyMap<string, Held>
  readonly fills: ReadonlyMap<string, { readonly buys: ThinnedFills; readonly sells: ThinnedFills }>
  readonly fillCount: number
  readonly cancelled: number
  readonly expired: number
  readonly refusals: readonly Refusal[]
}

export interface ScanOptions {
  readonly instruments: readonly Instrument[]
  /** Of each account at its beginning. */
  readonly cash: ReadonlyMap<string, number>
  /** The last row of the run's instruments, µs: an exchange's heartbeats go on after it, and with them the minutes of its accounts. */
  readonly to: number
}

/** Reads accounts, positions, executions and risk events of a run; those that it did not write are empty. */
export async function scanRun(topics: Topics, run: string, { instruments, cash, to }: ScanOptions): Promise<RunScan> {
  const nameOf = namesOf(instruments)
  const bySymbol = new Map(instruments.map((one) => [nameOf(one.exchange, one.symbol), one]))
  const names = [...bySymbol.keys()]
  const accounts = new Map(
    [...cash.keys()].map((name) => [name, { equity: new Thinned(), fills: 0, last: undefined as Last }]),
  )
  const positions = new Map(names.map((symbol) => [symbol, new Thinned()]))
  const held = new Map(names.map((symbol): [string, Held] => [symbol, { us: 0, since: undefined }]))
  const fills = new Map(names.map((symbol) => [symbol, { buys: new ThinnedFills(), sells: new ThinnedFills() }]))
  const refusals = new Refusals()
  const counts = { fillCount: 0, cancelled: 0, expired: 0 }
  const total = new Total(cash)
  await eachRow(topics, 'accounts', run, (batch, row) => {
    const { received, equity, account } = batch.columns
    const worthE8 = Number(equity[row]!)
    const name = wordAt(account, row)!
    const own = accounts.get(name)
    if (own === undefined) return
    own.last = { batch, row }
    if (received[row]! > to) return
    own.equity.push(received[row]!, worthE8 / 1e8)
    total.set(name, received[row]!, worthE8)
  })
  total.end()
  const sizes = new Map(names.map((symbol) => [symbol, new Map<string, number>()]))
  await eachRow(topics, 'positions', run, ({ columns }, row) => {
    const symbol = nameOf(wordAt(columns.exchange, row)!, wordAt(columns.symbol, row)!)
    const instrument = bySymbol.get(symbol)
    if (instrument === undefined) return
    const received = columns.received[row]!
    const lots = sizes.get(symbol)!.set(positionAt(columns, row), columns.lots[row]!)
    positions.get(symbol)!.push(received, sizeOf(instrument, sum(lots.values())))
    hold(
      held.get(symbol)!,
      received,
      [...lots.values()].some((one) => one !== 0),
    )
  })
  await eachRow(topics, 'executions', run, (batch, row) => {
    const execution = rowAt(batch, row)
    const { kind, side, ticks, lots, received } = execution
    const symbol = nameOf(execution.exchange, execution.symbol)
    if (kind === 'cancelled') counts.cancelled++
    else if (kind === 'expired') counts.expired++
    else if (kind === 'rejected' || kind === 'cancel-rejected') refusals.addVenue(execution)
    else if ((kind === 'fill' || kind === 'liquidation') && side !== undefined) {
      counts.fillCount++
      const own = accounts.get(execution.account)
      if (own !== undefined) own.fills++
      const instrument = bySymbol.get(symbol)
      const sides = fills.get(symbol)
      if (instrument === undefined || sides === undefined) return
      const way = side === 'buy' ? sides.buys : sides.sells
      way.push(received, priceOf(instrument, ticks!), sizeOf(instrument, lots!))
    }
  })
  await eachRow(topics, 'risk-events', run, (batch, row) => refusals.addRisk(rowAt(batch, row)))
  const scans = new Map([...accounts].map(([name, { last, ...rest }]) => [name, { ...rest, last: rowOf(last) }]))
  const left = new Map(
    [...sizes].map(([symbol, lots]) => {
      const instrument = bySymbol.get(symbol)!
      const own = new Map<string, number>()
      for (const [position, held] of lots) {
        const [account] = position.split(' ') as [string]
        own.set(account, (own.get(account) ?? 0) + held)
      }
      return [symbol, new Map([...own].map(([account, held]) => [account, sizeOf(instrument, held)]))]
    }),
  )
  return {
    equity: total.curve,
    days: total.days,
    accounts: scans,
    positions,
    left,
    held,
    fills,
    ...counts,
    refusals: refusals.list(),
  }
}

/** Whose position a row is of: in hedge mode an account has two. No account's name has a space. */
function positionAt({ account, positionSide }: Batch<'positions'>['columns'], row: number): string {
  return `${wordAt(account, row)!} ${positionSide[row]!}`
}

type Last = { readonly batch: Batch<'accounts'>; readonly row: number } | undefined

const rowOf = (last: Last): Account | undefined =>
  last === undefined ? undefined : rowAt<'accounts'>(last.batch, last.row)

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const one of numbers) total += one
  return total
}

/** Equity of all accounts: of each the last that is known. Of several accounts, rows of one moment are one point: half of them told is no equity. */
class Total {
  readonly curve = new Thinned()
  readonly days = new DayEnds()
  private readonly worth: Map<string, number>
  private time: number | undefined

  constructor(cash: ReadonlyMap<string, number>) {
    this.worth = new Map([...cash].map(([account, amount]) => [account, Number(textToE8(String(amount)))]))
  }

  set(account: string, time: number, worthE8: number): void {
    if (time !== this.time) this.end()
    this.worth.set(account, worthE8)
    this.time = time
    if (this.worth.size === 1) this.end()
  }

  end(): void {
    if (this.time === undefined) return
    // Whole 10⁻⁸ add up exactly.
    const all = sum(this.worth.values()) / 1e8
    this.curve.push(this.time, all)
    this.days.push(this.time, all)
    this.time = undefined
  }
}

function hold(held: Held, time: number, open: boolean): void {
  if (open) held.since ??= time
  else if (held.since !== undefined) {
    held.us += time - held.since
    held.since = undefined
  }
}

/** Refused orders by who, check and reason. */
class Refusals {
  private readonly known = new Map<string, Refusal & { count: number }>()

  addRisk({ action, check, reason, detail }: RiskEvent): void {
    if (action === 'resumed') return
    this.add({ by: action === 'rejected' ? 'risk' : `risk, ${action}`, check, reason, example: detail })
  }

  addVenue({ kind, reason = 'no reason given', clientId }: Execution): void {
    this.add({ by: 'venue', check: kind === 'rejected' ? 'order' : 'cancel', reason, example: `order ${clientId}` })
  }

  private add(refusal: Omit<Refusal, 'count'>): void {
    const key = `${refusal.by}:${refusal.check}:${refusal.reason}`
    const known = this.known.get(key)
    if (known === undefined) this.known.set(key, { ...refusal, count: 1 })
    else (known as { count: number }).count++
  }

  list(): Refusal[] {
    return [...this.known.values()].sort((a, b) => b.count - a.count)
  }
}

/** Each row of a run's topic in receive order; none when the run has no such topic. */
export async function eachRow<T extends RecordName>(
  topics: Topics,
  record: T,
  run: string,
  visit: (batch: Batch<T>, row: number) => void,
): Promise<void> {
  const topic = physicalName(record, run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return
  for await (const { merged } of replay(topics, { inputs: [{ topic }] })) {
    for (let at = 0; at < merged.rows; at++) {
      visit(merged.sources[merged.source[at]!]! as Batch<T>, merged.row[at]!)
    }
  }
}
