// Wishes become orders: rows with ids of their own.
import type { Order } from '../../schemas/records.generated.ts'
import type { AmendWish, CancelAllWish, CancelWish, OrderWish } from '../sizing/sizing.ts'
import type { EmergencyOrder } from './emergency.ts'
import type { RiskContext } from './view.ts'

/**
 * Client ids are `strategy.account.sequence`, counted over the account, so that a second run gives the same ones; those of the orders that risk
 * writes of itself are `risk.account.sequence`.
 */
export class OrderWriter {
  sequence = 0
  ownSequence = 0
  private readonly context: Pick<RiskContext, 'account' | 'strategy'>

  constructor(context: Pick<RiskContext, 'account' | 'strategy'>) {
    this.context = context
  }

  /** What a wish becomes. */
  order(wish: OrderWish, verdicts: Order['verdicts']): Order {
    const { signal, instrument, side, type, timeInForce, lots, ticks } = wish
    this.sequence++
    const { time, received, strategy, tag } = signal
    const { exchange, symbol, tickSize, lotSize } = instrument
    const { account } = this.context
    const clientId = `${strategy}.${account}.${this.sequence}`
    // One literal, as every row that is made often: two spread into one are three objects.
    return {
      time,
      received,
      exchange,
      symbol,
      account,
      clientId,
      strategy,
      signal: signal.number,
      kind: 'new',
      side,
      type,
      timeInForce,
      lots: wish.closePosition === true ? undefined : lots,
      ticks,
      triggerTicks: wish.triggerTicks,
      tickSize,
      lotSize,
      reduceOnly: wish.reduceOnly,
      tag,
      verdicts,
      triggerBy: wish.triggerBy,
      activationTicks: wish.activationTicks,
      callback: wish.callback,
      displayLots: wish.displayLots,
      closePosition: wish.closePosition,
      expires: wish.expires,
      group: wish.group,
      parent: wish.parent,
      positionSide: wish.positionSide,
    }
  }

  /** The request to change an order; what stays is left out. */
  amend(wish: AmendWish, verdicts: Order['verdicts']): Order {
    const { clientId, lots, ticks, triggerTicks, replaced } = wish
    const { side } = replaced
    return { ...this.about(wish, 'amend', clientId), side, lots, ticks, triggerTicks, verdicts }
  }

  /** A cancel-all has no client id: it means all. */
  cancel(wish: CancelWish | CancelAllWish): Order {
    return this.about(wish, wish.kind, wish.kind === 'cancel' ? wish.clientId : '')
  }

  /** Of no signal: number 0. It only takes from a position, or takes an order back, and asks nobody. */
  own(order: EmergencyOrder, received: number, time: number): Order {
    const { account, strategy = '' } = this.context
    const { exchange, symbol, tickSize, lotSize } = order.instrument
    const common = { time, received, exchange, symbol, account, strategy, signal: 0, tickSize, lotSize, verdicts: [] }
    if (order.kind === 'cancel') return { ...common, kind: 'cancel', clientId: order.clientId }
    if (order.kind === 'amend') {
      const { clientId, side, triggerTicks } = order
      return { ...common, kind: 'amend', clientId, side, triggerTicks }
    }
    this.ownSequence++
    const { side, lots } = order
    return {
      ...{ ...common, kind: 'new', clientId: `risk.${account}.${this.ownSequence}`, side, lots },
      ...{ type: 'market', timeInForce: 'ioc', reduceOnly: true },
    }
  }

  private about(
    { signal, instrument }: Pick<CancelWish, 'signal' | 'instrument'>,
    kind: Order['kind'],
    clientId: string,
  ): Order {
    const { time, received, strategy, tag, number } = signal
    const { exchange, symbol, tickSize, lotSize } = instrument
    const { account } = this.context
    // One literal, as above: quotes that move are taken back as often as they are made.
    return {
      time,
      received,
      exchange,
      symbol,
      account,
      clientId,
      strategy,
      signal: number,
      kind,
      tickSize,
      lotSize,
      tag,
      verdicts: noVerdicts,
    }
  }
}

const noVerdicts: Order['verdicts'] = []
