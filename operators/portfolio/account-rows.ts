// The rows of `accounts`: one a minute for as long as a run lasts, so they are written straight into their columns.
import { toBigInts } from '../../native/columns.ts'
import { type Batch, builderOf } from '../../schemas/batch.ts'
import type { Dictionary } from '../../schemas/columns.ts'
import type { Account } from '../../schemas/records.generated.ts'
import type { E8 } from './money.ts'

/** What is the same in every row of an account. */
export type AccountName = Pick<Account, 'exchange' | 'account' | 'currency'>

/** The amounts of a row. */
export interface Amounts {
  readonly cash: E8
  readonly unrealized: E8
  readonly equity: E8
  readonly realized: E8
  readonly fees: E8
  readonly funding: E8
  readonly exposure: E8
}

const start = 1024
const eventNumbers = builderOf('accounts').event.numbers
const minute = eventNumbers.get('minute')!

/** Rows of accounts, some 25 ns each: texts are those of the account, and amounts below 2⁵³ need no BigInt. */
export class AccountRows {
  count = 0
  private readonly names: readonly AccountName[]
  /** Whose each row is; undefined while there is one account. */
  private whose: Uint16Array | undefined
  private room = start
  private time = new Float64Array(start)
  private received = new Float64Array(start)
  private event = new Uint8Array(start)
  private readonly cash = new AmountColumn()
  private readonly unrealized = new AmountColumn()
  private readonly equity = new AmountColumn()
  private readonly realized = new AmountColumn()
  private readonly fees = new AmountColumn()
  private readonly funding = new AmountColumn()
  private readonly exposure = new AmountColumn()

  /** By their number. */
  constructor(names: readonly AccountName[]) {
    this.names = names
    if (names.length > 1) this.whose = new Uint16Array(start)
  }

  push(account: number, time: number, received: number, event: Account['event'], amounts: Amounts): void {
    const at = this.count++
    if (at === this.room) this.grow()
    if (this.whose !== undefined) this.whose[at] = account
    this.time[at] = time
    this.received[at] = received
    this.event[at] = event === 'minute' ? minute : eventNumbers.get(event)!
    this.cash.set(at, amounts.cash)
    this.unrealized.set(at, amounts.unrealized)
    this.equity.set(at, amounts.equity)
    this.realized.set(at, amounts.realized)
    this.fees.set(at, amounts.fees)
    this.funding.set(at, amounts.funding)
    this.exposure.set(at, amounts.exposure)
  }

  /** The rows so far, as a batch; it starts anew. */
  take(): Batch<'accounts'> {
    const { count: rows } = this
    this.count = 0
    const columns = {
      time: this.time.slice(0, rows),
      received: this.received.slice(0, rows),
      exchange: this.texts('exchange', rows),
      symbol: same('', rows),
      account: this.texts('account', rows),
      currency: this.texts('currency', rows),
      cash: this.cash.take(rows),
      unrealized: this.unrealized.take(rows),
      equity: this.equity.take(rows),
      realized: this.realized.take(rows),
      fees: this.fees.take(rows),
      funding: this.funding.take(rows),
      exposure: this.exposure.take(rows),
      event: this.event.slice(0, rows),
    }
    return { topic: 'accounts', rows, columns }
  }

  /** A text of each row's account. */
  private texts(name: keyof AccountName, rows: number): Dictionary {
    const { whose, names } = this
    const [first] = names
    if (whose === undefined || names.every((one) => one[name] === first![name])) return same(first![name], rows)
    return { codes: whose.slice(0, rows), values: rows === 0 ? [] : names.map((one) => one[name]) }
  }

  private grow(): void {
    this.room *= 2
    if (this.whose !== undefined) this.whose = wider(this.whose, new Uint16Array(this.room))
    this.time = wider(this.time, new Float64Array(this.room))
    this.received = wider(this.received, new Float64Array(this.room))
    this.event = wider(this.event, new Uint8Array(this.room))
    const { cash, unrealized, equity, realized, fees, funding, exposure } = this
    for (const column of [cash, unrealized, equity, realized, fees, funding, exposure]) column.grow(this.room)
  }
}

/** Amounts as doubles, which become 64 bits when they are taken; those that a double cannot hold stand beside them. */
class AmountColumn {
  private values = new Float64Array(start)
  private large: { at: number; amount: bigint }[] = []

  set(at: number, amount: E8): void {
    if (typeof amount === 'number') this.values[at] = amount
    else this.large.push({ at, amount })
  }

  take(rows: number): BigInt64Array {
    const taken = toBigInts(this.values.subarray(0, rows))
    for (const { at, amount } of this.large) taken[at] = amount
    this.large = []
    return taken
  }

  grow(room: number): void {
    this.values = wider(this.values, new Float64Array(room))
  }
}

/** Batches never change: those of all runs may share their zeros. */
let zeros = new Uint16Array(start)

function same(text: string, rows: number): Dictionary {
  if (rows > zeros.length) zeros = new Uint16Array(rows * 2)
  return { codes: zeros.subarray(0, rows), values: rows === 0 ? [] : [text] }
}

function wider<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
