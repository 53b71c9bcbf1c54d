// What the simulated exchange tells us: executions, numbered, each waiting until we get to see it.
import type { Execution } from '../../schemas/records.generated.ts'
import type { Instrument } from '../instrument.ts'
import { feeOn, type RatesOf } from './fees.ts'
import type { HeldLots } from './funding.ts'
import type { MarginAccount } from './margin-account.ts'

/** Whose order an execution belongs to. */
export interface Owner {
  readonly clientId: string
  readonly strategy: string
  readonly side: 'buy' | 'sell' | undefined
  readonly venueId: string | undefined
  /** In hedge mode. */
  readonly positionSide?: Execution['positionSide']
}

/** Whose an execution is that no order brought about. */
export const nobody: Owner = { clientId: '', strategy: '', side: undefined, venueId: undefined }

export type What = Pick<
  Execution,
  'kind' | 'ticks' | 'lots' | 'leftLots' | 'liquidity' | 'queueAhead' | 'reason' | 'slippageTicks'
> & {
  /** Of what is no fill. */
  readonly fee?: bigint
}

/** Executions in the order in which they are seen; those seen at one moment in the order in which they happened. */
export class Reports {
  private readonly account: string
  private readonly rates: RatesOf
  /** When the next execution will be seen, µs; Infinity when none is waiting. */
  nextDue = Number.POSITIVE_INFINITY
  private waiting: Execution[] = []
  private number = 0
  /** Signed lots that the account holds at the exchange, by instrument: what is not seen yet counts. */
  private held: number[] = []
  private readonly margin: MarginAccount | undefined

  constructor({ account, rates, margin }: { account: string; rates: RatesOf; margin?: MarginAccount | undefined }) {
    this.account = account
    this.rates = rates
    this.margin = margin
  }

  /** Puts an execution that happened at exchange time `time` and is seen at `seen`. */
  put(instrument: Instrument, owner: Owner, what: What, { time, seen }: { time: number; seen: number }): void {
    const { ticks, lots, liquidity } = what
    this.number += 1
    if (what.kind === 'fill' || what.kind === 'liquidation')
      this.held[instrument.index] = this.lots(instrument) + (owner.side === 'buy' ? lots! : -lots!)
    // One literal: all executions have one hidden class.
    const execution: Execution = {
      time,
      received: seen,
      exchange: instrument.exchange,
      symbol: instrument.symbol,
      account: this.account,
      number: this.number,
      clientId: owner.clientId,
      venueId: owner.venueId,
      strategy: owner.strategy,
      kind: what.kind,
      side: owner.side,
      ticks,
      lots,
      leftLots: what.leftLots,
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      fee:
        liquidity === undefined
          ? (what.fee ?? 0n)
          : feeOn(instrument, { ticks: ticks!, lots: lots!, liquidity }, this.rates(instrument.exchange)),
      liquidity,
      queueAhead: what.queueAhead,
      reason: what.reason,
      positionSide: owner.positionSide,
      slippageTicks: what.slippageTicks,
    }
    this.margin?.heard(instrument, execution)
    const { waiting } = this
    // Nearly always the last; another exchange's may be seen earlier.
    let at = waiting.length
    while (at > 0 && waiting[at - 1]!.received > seen) at -= 1
    if (at === waiting.length) waiting.push(execution)
    else waiting.splice(at, 0, execution)
    this.nextDue = waiting[0]!.received
  }

  /** Signed lots of an instrument that the account holds at the exchange now; in hedge mode of one side, or of both together. */
  lots({ index }: Instrument, side?: Execution['positionSide']): number {
    const { margin } = this
    if (side !== undefined && margin !== undefined) return margin.ledger.at(index, side).lots
    return this.held[index] ?? 0
  }

  /** The positions of an instrument at the exchange now. */
  positions(instrument: Instrument): readonly HeldLots[] {
    const { margin } = this
    if (margin?.terms.positions !== 'hedge') return [{ lots: this.lots(instrument), positionSide: undefined }]
    return (['long', 'short'] as const).map((positionSide) => {
      return { lots: margin.ledger.at(instrument.index, positionSide).lots, positionSide }
    })
  }

  /** The next execution. @throws RangeError when none is waiting: a bug of the caller */
  due(): Execution {
    const execution = this.waiting.shift()
    if (execution === undefined) throw new RangeError('no execution is waiting')
    this.look()
    return execution
  }

  save(): ReportsState {
    return { waiting: this.waiting, number: this.number, held: Array.from(this.held, (lots) => lots ?? 0) }
  }

  load({ waiting, number, held }: ReportsState): void {
    this.waiting = [...waiting]
    this.held = [...held]
    this.number = number
    this.look()
  }

  private look(): void {
    this.nextDue = this.waiting.length === 0 ? Number.POSITIVE_INFINITY : this.waiting[0]!.received
  }
}

export interface ReportsState {
  readonly waiting: readonly Execution[]
  readonly number: number
  readonly held: readonly number[]
}
