// What a run wrote to its topics, read once from front to back: curves, fills, and why orders came to nothing.
import { type Instrument, priceOf, sizeOf } from '../../operators/instrument.ts'
import { type Batch, rowAt } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { wordAt } from '../../schemas/columns.ts'
import type { Account, Execution, RecordName, RiskEvent } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import type { Refusal } from './data.ts'
import { Thinned, ThinnedFills } from './thin.ts'

/** Time with an open position: `us` of those that ended, and when the one that is open began. */
export interface Held {
  us: number
  since: number | undefined
}

export interface RunScan {
  readonly equity: Thinned
  /** The last account row. */
  readonly account: Account | undefined
  /** By symbol. */
  readonly positions: ReadonlyMap<string, Thinned>
  /** By symbol: how long a position was open, µs; one still open is counted from `since`. */
  readonly held: ReadonlyMap<string, Held>
  readonly fills: ReadonlyMap<string, { readonly buys: ThinnedFills; readonly sells: ThinnedFills }>
  readonly fillCount: number
  readonly cancelled: number
  readonly expired: number
  readonly refusals: readonly Refusal[]
}

/** Reads accounts, positions, executions and risk events of a run; those that it did not write are empty. */
export async function scanRun(topics: Topics, run: string, instruments: readonly Instrument[]): Promise<RunScan> {
  const bySymbol = new Map(instruments.map((instrument) => [instrument.symbol, instrument]))
  const equity = new Thinned()
  const positions = new Map(instruments.map(({ symbol }) => [symbol, new Thinned()]))
  const held = new Map(instruments.map(({ symbol }): [string, Held] => [symbol, { us: 0, since: undefined }]))
  const fills = new Map(
    instruments.map(({ symbol }) => [symbol, { buys: new ThinnedFills(), sells: new ThinnedFills() }]),
  )
  const refusals = new Refusals()
  const counts = { fillCount: 0, cancelled: 0, expired: 0 }
  let last: { batch: Batch<'accounts'>; row: number } | undefined

  await eachRow(topics, 'accounts', run, (batch, row) => {
    const { received, equity: worth } = batch.columns
    equity.push(received[row]!, Number(worth[row]!) / 1e8)
    last = { batch, row }
  })
  await eachRow(topics, 'positions', run, ({ columns }, row) => {
    const symbol = wordAt(columns.symbol, row)!
    const instrument = bySymbol.get(symbol)
    if (instrument === undefined) return
    const received = columns.received[row]!
    positions.get(symbol)!.push(received, sizeOf(instrument, columns.lots[row]!))
    hold(held.get(symbol)!, received, columns.lots[row] !== 0)
  })
  await eachRow(topics, 'executions', run, (batch, row) => {
    const execution = rowAt(batch, row)
    const { kind, symbol, side, ticks, lots, received } = execution
    if (kind === 'cancelled') counts.cancelled++
    else if (kind === 'expired') counts.expired++
    else if (kind === 'rejected' || kind === 'cancel-rejected') refusals.addVenue(execution)
    else if ((kind === 'fill' || kind === 'liquidation') && side !== undefined) {
      counts.fillCount++
      const instrument = bySymbol.get(symbol)
      const sides = fills.get(symbol)
      if (instrument === undefined || sides === undefined) return
      const own = side === 'buy' ? sides.buys : sides.sells
      own.push(received, priceOf(instrument, ticks!), sizeOf(instrument, lots!))
    }
  })
  await eachRow(topics, 'risk-events', run, (batch, row) => refusals.addRisk(rowAt(batch, row)))
  const account = last === undefined ? undefined : rowAt<'accounts'>(last.batch, last.row)
  return { equity, account, positions, held, fills, ...counts, refusals: refusals.list() }
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
async function eachRow<T extends RecordName>(
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
