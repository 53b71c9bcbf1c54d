// What the simulated exchange tells us: executions, numbered, each waiting until we get to see it.
import type { Execution } from '../../schemas/records.generated.ts'
import type { Instrument } from '../instrument.ts'
import { type FeeRates, feeOn } from './fees.ts'

/** Whose order an execution belongs to. */
export interface Owner {
  readonly clientId: string
  readonly strategy: string
  readonly side: 'buy' | 'sell' | undefined
  readonly venueId: string | undefined
}

/** Whose an execution is that no order brought about. */
export const nobody: Owner = { clientId: '', strategy: '', side: undefined, venueId: undefined }

type What = Pick<Execution, 'kind' | 'ticks' | 'lots' | 'leftLots' | 'liquidity' | 'queueAhead' | 'reason'> & {
  /** Of what is no fill. */
  readonly fee?: bigint
}

/** Executions in the order in which they are seen; those seen at one moment in the order in which they happened. */
export class Reports {
  private readonly account: string
  private readonly rates: readonly FeeRates[]
  /** When the next execution will be seen, µs; Infinity when none is waiting. */
  nextDue = Number.POSITIVE_INFINITY
  private waiting: Execution[] = []
  private number = 0
  /** Signed lots that the account holds at the exchange, by instrument: what is not seen yet counts. */
  private held: number[] = []

  /** `rates` by instrument. */
  constructor({ account, rates }: { account: string; rates: readonly FeeRates[] }) {
    this.account = account
    this.rates = rates
  }

  /** Puts an execution that happened at exchange time `time` and is seen at `seen`. */
  put(instrument: Instrument, owner: Owner, what: What, { time, seen }: { time: number; seen: number }): void {
    const { ticks, lots, liquidity } = what
    this.number += 1
    if (what.kind === 'fill')
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
          : feeOn(instrument, { ticks: ticks!, lots: lots!, liquidity }, this.rates[instrument.index]!),
      liquidity,
      queueAhead: what.queueAhead,
      reason: what.reason,
    }
    const { waiting } = this
    // Nearly always the last; another exchange's may be seen earlier.
    let at = waiting.length
    while (at > 0 && waiting[at - 1]!.received > seen) at -= 1
    if (at === waiting.length) waiting.push(execution)
    else waiting.splice(at, 0, execution)
    this.nextDue = waiting[0]!.received
  }

  /** Signed lots of an instrument that the account holds at the exchange now. */
  lots({ index }: Instrument): number {
    return this.held[index] ?? 0
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
