// Watches what an account holds, and asks its exits about it at every row of the position's market.
import type { Execution } from '../../schemas/records.generated.ts'
import type { BarView, Market } from '../desk.ts'
import { indexIn, priceOf } from '../instrument.ts'
import type { AccountPortfolio } from '../portfolio/portfolio.ts'
import type { RiskProfile } from '../regime/profiles.ts'
import type { SignalDesk } from '../signal-desk.ts'
import { exitMark, type Held, type RunningExit } from './exit.ts'

/** An exit that was refused is asked for again after so long, µs. */
const retryUs = 1_000_000

export interface ExitWatchParts {
  readonly exits: readonly RunningExit[]
  readonly desk: SignalDesk
  readonly portfolio: AccountPortfolio
  readonly profileOf: ((instrument: number) => RiskProfile | undefined) | undefined
  /** What risk multiplies the distance of an instrument's stops by. */
  readonly stopFactor: (instrument: number) => number
  /** True while no exit is to be asked for in an instrument; the desk’s own when left out. */
  readonly busy?: ((instrument: number) => boolean) | undefined
}

/** What is remembered of one instrument's position. */
interface Position {
  /** 1 long, −1 short, 0 none. */
  side: number
  since: number
  best: number
  /** An exit is not asked for again before this, µs. */
  next: number
}

/** Leaves a target of nothing at the strategy's desk where an exit says so: sized, checked and written down as its own signals are. */
export class ExitWatch {
  private readonly parts: ExitWatchParts
  private readonly seeing: readonly RunningExit[]
  private positions: Position[]
  private held = 0
  private highest = Number.NaN
  private readonly view: { -readonly [K in keyof Held]: Held[K] } = {
    ...{ instrument: 0, side: 0, entry: 0, since: 0, now: 0, price: 0, best: 0, equity: 0, highest: 0 },
    ...{ profile: undefined, nearer: 1 },
  }

  constructor(parts: ExitWatchParts) {
    this.parts = parts
    this.seeing = parts.exits.filter(({ bar }) => bar !== undefined)
    this.positions = parts.desk.instruments.map(() => ({ side: 0, since: 0, best: Number.NaN, next: 0 }))
  }

  bar(bar: BarView): void {
    for (const exit of this.seeing) exit.bar!(bar)
  }

  /** After the portfolio took it. */
  execution({ exchange, symbol, kind, received }: Execution): void {
    if (kind !== 'fill' && kind !== 'liquidation') return
    const { desk, portfolio } = this.parts
    const index = indexIn(desk.instruments, exchange, symbol)
    const position = this.positions[index]
    if (position === undefined) return
    const side = Math.sign(portfolio.lots(index))
    if (side === position.side) return
    this.held += Math.abs(side) - Math.abs(position.side)
    this.positions[index] = { side, since: received, best: Number.NaN, next: Number.NEGATIVE_INFINITY }
  }

  /** At a row of an instrument's market, when it has changed. True when something was asked for. */
  row({ instrument: { index }, markTicks }: Market, now: number): boolean {
    const { desk, portfolio, exits, profileOf, stopFactor, busy } = this.parts
    const equity = portfolio.equity() / 1e8
    if (this.held === 0 || !(equity <= this.highest)) this.highest = equity
    const position = this.positions[index]!
    if (position.side === 0 || !(markTicks > 0)) return false
    const price = priceOf(desk.instruments[index]!, markTicks)
    if (!(position.side * (position.best - price) >= 0)) position.best = price
    if (now < position.next || (busy === undefined ? desk.busy(index) : busy(index))) return false
    const { view } = this
    view.instrument = index
    view.side = position.side
    view.entry = portfolio.entryPrice(index)
    view.since = position.since
    view.now = now
    view.price = price
    view.best = position.best
    view.equity = equity
    view.highest = this.highest
    view.profile = profileOf?.(index)
    view.nearer = stopFactor(index)
    for (let at = 0; at < exits.length; at++) {
      const reason = exits[at]!.leave(view)
      if (reason === undefined) continue
      position.next = now + retryUs
      desk.target(index, 0, `${exitMark}${reason}`)
      return true
    }
    return false
  }

  save() {
    const { positions, held, highest } = this
    return { positions, held, highest, exits: this.parts.exits.map((exit) => exit.save?.()) }
  }

  load({ positions, held, highest, exits }: ReturnType<ExitWatch['save']>): void {
    this.positions = positions.map((one) => ({ ...one }))
    this.held = held
    this.highest = highest
    for (const [at, state] of exits.entries()) this.parts.exits[at]!.load?.(state)
  }
}
