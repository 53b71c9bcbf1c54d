// Why an order was sent and what became of it: its stored rows, and what its run saw, computed again (DESIGN §6).

import { instrumentOf, priceOf, sizeOf } from '../operators/instrument.ts'
import { e8ToText } from '../operators/portfolio/money.ts'
import { runningChecks } from '../operators/risk/index.ts'
import { isEnd } from '../operators/signal-desk.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { toJson } from '../schemas/json.ts'
import type { Execution, Order, RiskEvent } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import type { RunAbout } from './about.ts'
import { type Again, explainAgain, type HowAgain, type QueueMove } from './explain-again.ts'
import { type Found, findOrder } from './explain-find.ts'
import { type OrderTrip, tripsOfOrder } from './explain-trips.ts'
import type { Cause, Picture } from './explain-witness.ts'

/** A check and what it said; value and limit are null where only that it passed is known: the run wrote down the one that refused. */
export interface RiskVerdict {
  readonly check: string
  readonly allowed: boolean
  readonly value: number | null
  readonly limit: number | null
  readonly reason?: string
  readonly detail?: string
}

export type Status = 'refused' | 'rejected' | 'filled' | 'partly filled' | 'unfilled' | 'open' | 'cancel' | 'amend'

/** What became of an order. Prices and sizes in the exchange's units, money as decimal text in `currency`. */
export interface Outcome {
  readonly status: Status
  /** How it ended, as the venue said: `fill`, `cancelled`, `expired`, `rejected`; null while it is open. */
  readonly end: string | null
  readonly reason?: string
  readonly size: number | null
  readonly filled: number
  readonly averagePrice: number | null
  readonly fees: string
  readonly currency: string
  /** Shares of the filled size. */
  readonly makerShare: number | null
  /** µs from the decision until the venue's acceptance, the first fill and the end were seen. */
  readonly acceptedAfterUs: number | null
  readonly filledAfterUs: number | null
  readonly endedAfterUs: number | null
  /** Average price against that at the decision, in 10⁻⁴ of it; above 0 is worse for us. Null where nothing is known of either. */
  readonly costBps: number | null
  /** What was taken for the price at the decision: the middle of the best prices, or the last price where there are none (candles). */
  readonly costAgainst: 'middle' | 'last' | null
}

/** Plain JSON. */
export interface Explanation {
  readonly run: string
  /** Client id; null for a signal that became no order. */
  readonly order: string | null
  readonly strategy: string
  readonly account: string
  readonly exchange: string
  readonly symbol: string
  readonly outcome: Outcome
  /** Null, with the reason in `reexecution`, where the run could not be computed again. */
  readonly saw: { readonly row: Again['row']; readonly cause: Cause | null; readonly market: Picture } | null
  readonly signal: Record<string, unknown>
  readonly risk: { readonly allowed: boolean; readonly verdicts: readonly RiskVerdict[] }
  readonly orderRow: Record<string, unknown> | null
  readonly queue: {
    /** Exchange time at which the order reached the exchange, µs. */
    readonly arrival: number | null
    readonly aheadWhenAccepted: number | null
    readonly moves: readonly QueueMove[]
    readonly movesLeftOut: number
  }
  readonly cancels: readonly Record<string, unknown>[]
  readonly executions: readonly Record<string, unknown>[]
  readonly trips: readonly OrderTrip[]
  readonly reexecution:
    | { readonly equal: true; readonly rows: number; readonly fromStep: number }
    | { readonly equal: false; readonly code: string; readonly reason: string; readonly fix?: string }
}

/**
 * Explains an order of a run, or a signal that became none; `what` as `findOrder` takes it.
 *
 * `how` gives the strategies that the run is computed again with, or throws why it cannot be (VERSION_MISMATCH, a strategy that is
 * gone). Then, and where computing it again gives something else, the stored rows are told all the same, and `reexecution` says
 * why the rest is missing.
 * Errors: as `findOrder`; INTERRUPTED.
 */
export async function explain(
  topics: Topics,
  { run, about, what }: { readonly run: string; readonly about: RunAbout; readonly what: string },
  how: () => Promise<HowAgain>,
): Promise<Explanation> {
  const found = await findOrder(topics, run, what)
  const { signal, order, events, cancels, executions } = found
  const computed = await orWhyNot(async () => explainAgain(topics, run, about, found, await how()))
  const again = 'why' in computed ? undefined : computed
  const saw = again === undefined ? null : { row: again.row, cause: again.cause ?? null, market: again.picture }
  const accepted = executions.find(({ kind }) => kind === 'accepted')
  return {
    ...{ run, order: order?.clientId ?? null, strategy: signal.strategy, account: signal.account },
    ...{ exchange: signal.exchange, symbol: signal.symbol },
    outcome: outcomeOf(about, found, again?.picture),
    saw,
    signal: toJson('signals', signal),
    risk: { allowed: order !== undefined, verdicts: verdictsOf(about, order, events) },
    orderRow: order === undefined ? null : toJson('orders', order),
    queue: {
      ...{ arrival: again?.arrival ?? null, aheadWhenAccepted: accepted?.queueAhead ?? null },
      ...{ moves: again?.queue ?? [], movesLeftOut: again?.movesLeftOut ?? 0 },
    },
    cancels: cancels.map((one) => toJson('orders', one)),
    executions: executions.map((one) => toJson('executions', one)),
    trips: order === undefined || executions.length === 0 ? [] : await tripsOfOrder(topics, run, about.plan, order),
    reexecution:
      'why' in computed ? whyNot(computed.why) : { equal: true, rows: computed.rows, fromStep: computed.fromStep },
  }
}

function whyNot({ code, message, fix }: SmartspeedError): Explanation['reexecution'] {
  return { equal: false, code, reason: message, ...(fix === undefined ? {} : { fix }) }
}

/** What is computed, or the error that keeps it from being. */
async function orWhyNot(compute: () => Promise<Again>): Promise<Again | { readonly why: SmartspeedError }> {
  try {
    return await compute()
  } catch (error) {
    if (!(error instanceof SmartspeedError) || error.code === 'INTERRUPTED') throw error
    return { why: error }
  }
}

/** @throws SmartspeedError VERSION_MISMATCH for a run of other code: computed again it may give something else */
export function sameCode(run: string, about: Pick<RunAbout, 'codeHash'>, codeHash: string): void {
  if (about.codeHash === codeHash) return
  const message = `run ${run} was made by other code (${about.codeHash.slice(0, 8)}, now ${codeHash.slice(0, 8)})`
  throw new SmartspeedError('VERSION_MISMATCH', message, {
    fix: 'check out the code of then, or run it anew under another --name',
  })
}

/** The order's own verdicts; of a refused signal the check that refused, behind those that are asked before it. */
function verdictsOf({ plan }: RunAbout, order: Order | undefined, events: readonly RiskEvent[]): RiskVerdict[] {
  const own = (order?.verdicts ?? []).map(({ check, allowed, value, limit }) => ({
    ...{ check, allowed, value: finite(value), limit: finite(limit) },
  }))
  const said = events.map(({ check, action, reason, value, limit, detail }) => ({
    ...{ check, allowed: action !== 'rejected', value: finite(value), limit: finite(limit), reason, detail },
  }))
  const refused = said.find(({ allowed }) => !allowed)
  const asked = refused === undefined ? [] : runningChecks(plan.topology.risk)
  const before = asked.slice(
    0,
    Math.max(
      0,
      asked.findIndex(({ name }) => name === refused?.check),
    ),
  )
  const loud = before.flatMap(({ name, silent }) => (silent ? [] : [name]))
  return [...loud.map((check) => ({ check, allowed: true, value: null, limit: null })), ...own, ...said]
}

function outcomeOf({ plan }: RunAbout, { signal, order, executions }: Found, seen: Picture | undefined): Outcome {
  const row = plan.instruments.find(({ exchange, symbol }) => exchange === signal.exchange && symbol === signal.symbol)!
  const instrument = instrumentOf(row, 0)
  const fills = executions.filter(({ kind }) => kind === 'fill' || kind === 'liquidation')
  const end = executions.find(isEnd)
  const accepted = executions.find(({ kind }) => kind === 'accepted')
  const after = (one: Execution | undefined) => (one === undefined ? null : one.received - signal.received)
  const lots = fills.reduce((sum, one) => sum + one.lots!, 0)
  const makers = fills.reduce((sum, one) => sum + (one.liquidity === 'maker' ? one.lots! : 0), 0)
  const averagePrice =
    lots === 0 ? null : fills.reduce((sum, one) => sum + priceOf(instrument, one.ticks!) * (one.lots! / lots), 0)
  const middle = seen?.bid == null || seen.ask == null ? null : (seen.bid + seen.ask) / 2
  const before = middle ?? seen?.last ?? null
  const sign = order?.side === 'sell' ? -1 : 1
  return {
    status: statusOf(order, end, lots),
    end: end?.kind ?? null,
    ...(end?.reason === undefined ? {} : { reason: end.reason }),
    size: order?.lots === undefined ? null : sizeOf(instrument, order.lots),
    ...{ filled: sizeOf(instrument, lots), averagePrice },
    fees: e8ToText(fills.reduce((sum, one) => sum + one.fee, 0n)),
    currency: plan.topology.account.currency ?? instrument.settle,
    makerShare: lots === 0 ? null : makers / lots,
    ...{ acceptedAfterUs: after(accepted), filledAfterUs: after(fills[0]), endedAfterUs: after(end) },
    costBps: averagePrice === null || before === null ? null : ((averagePrice - before) / before) * 10_000 * sign,
    costAgainst: before === null ? null : middle === null ? 'last' : 'middle',
  }
}

function statusOf(order: Order | undefined, end: Execution | undefined, lots: number): Status {
  if (order === undefined) return 'refused'
  if (order.kind === 'amend') return 'amend'
  if (order.kind !== 'new') return 'cancel'
  if (end === undefined) return 'open'
  if (end.kind === 'rejected') return 'rejected'
  if (lots === 0) return 'unfilled'
  // A reduce-only order may have shrunk to what there was.
  return end.kind === 'fill' || lots === order.lots ? 'filled' : 'partly filled'
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
