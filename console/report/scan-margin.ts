// How near margin accounts came to liquidation: a run's executions beside the market that it saw, by the formulas that risk and exchange use.
import { indexIn, instrumentOf } from '../../operators/instrument.ts'
import {
  collateralOf,
  type Health,
  healthOf,
  isOpen,
  maintenanceOf,
  notionalOf,
} from '../../operators/margin/health.ts'
import type { MarginTerms } from '../../operators/margin/terms.ts'
import { leverageAt } from '../../operators/margin/tiers.ts'
import type { MarketState } from '../../operators/market-state.ts'
import { type Holding, negative, unrealized } from '../../operators/portfolio/holding.ts'
import { Ledger } from '../../operators/portfolio/ledger.ts'
import { add, type E8, e8ToNumber, normal, textToE8 } from '../../operators/portfolio/money.ts'
import { commandsOf } from '../../pipelines/control.ts'
import { marginTermsOf } from '../../pipelines/margin.ts'
import { marketOf } from '../../pipelines/market-of.ts'
import { MarketRows } from '../../pipelines/market-rows.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import { inputOptions, type Plan } from '../../pipelines/plan.ts'
import type { Execution } from '../../schemas/records.generated.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import type { MarginAccountLine, MarginUse, Peak } from './data.ts'
import { rowsOf } from './scan-costs.ts'
import { Thinned } from './thin.ts'

/** A balance of nothing has no ratio; beyond this a higher one says no more. */
export const mostRatio = 2

export interface MarginScan {
  readonly accounts: readonly MarginAccountLine[]
  /** By account and instrument, those that were held. */
  readonly positions: readonly MarginUse[]
}

/**
 * Margin of a run's accounts at every mark that it saw and every execution that it was told of; undefined where no margin is asked for.
 *
 * What an exchange liquidates had reached 100 %, whatever the marks of the rows say: within a candle there are none.
 */
export async function scanMargin(
  topics: Topics,
  run: string,
  { plan, cash }: { plan: Plan; cash: ReadonlyMap<string, number> },
): Promise<MarginScan | undefined> {
  const terms = marginTermsOf(plan.topology, plan.instruments)
  if (terms === undefined) return undefined
  const markets = plan.instruments.map(instrumentOf).map(marketOf)
  const accounts = new Map([...cash].map(([name, amount]) => [name, new Watched(name, amount, { terms, markets })]))
  const executions = rowsOf(topics, run, 'executions')
  let next = await executions.next()
  const hearUntil = async (received: number): Promise<void> => {
    for (; !next.done && next.value.received < received; next = await executions.next()) {
      accounts.get(next.value.account)?.heard(next.value)
    }
  }
  const row = new MarketRows(markets)
  const options = inputOptions(plan)
  const inputs = options.inputs.filter(({ topic }) => topic !== commandsOf(run))
  for await (const { merged } of replay(topics, { ...options, inputs })) {
    for (let at = 0; at < merged.rows; at++) {
      row.move(merged, at)
      if (!next.done && next.value.received < row.received) await hearUntil(row.received)
      const { market } = row
      if (market === undefined) continue
      const before = market.markTicks
      market.apply(row)
      if (market.markTicks === before) continue
      for (const account of accounts.values()) account.marked(market, row.received)
    }
  }
  await hearUntil(Number.POSITIVE_INFINITY)
  const nameOf = namesOf(plan.instruments)
  const symbols = plan.instruments.map(({ exchange, symbol }) => nameOf(exchange, symbol))
  return {
    accounts: [...accounts.values()].map((one) => one.line()),
    positions: [...accounts.values()].flatMap((one) => one.positions(symbols)),
  }
}

/** The highest that was seen. */
class Highest implements Peak {
  value = 0
  time: number | undefined

  see(value: number, time: number): void {
    if (!(value > this.value)) return
    this.value = value
    this.time = time
  }
}

/** What one account, or its positions in one instrument, came to. */
class Use {
  readonly value = new Highest()
  readonly initial = new Highest()
  readonly maintenance = new Highest()
  liquidations = 0
  liquidationFees = 0n
  fundingPaid = 0n
  fundingReceived = 0n

  see({ value, initial, maintenance }: Needed, time: number): void {
    this.value.see(value, time)
    this.initial.see(initial, time)
    this.maintenance.see(maintenance, time)
  }

  heard({ kind, fee }: Execution): void {
    if (kind === 'liquidation') {
      this.liquidations++
      this.liquidationFees += fee
    }
    if (kind === 'funding' && fee > 0n) this.fundingPaid += fee
    if (kind === 'funding' && fee < 0n) this.fundingReceived -= fee
  }

  told(account: string, symbol: string | undefined): MarginUse {
    const { value, initial, maintenance, liquidations, liquidationFees, fundingPaid, fundingReceived } = this
    return {
      ...{ account, symbol, value, initial, maintenance },
      ...{ liquidations, liquidationFees, fundingPaid, fundingReceived },
    }
  }
}

/** One account as its executions tell it. */
class Watched {
  private readonly name: string
  private readonly terms: MarginTerms
  private readonly markets: readonly MarketState[]
  private readonly ledger: Ledger
  private readonly whole = new Use()
  private readonly parts: readonly Use[]
  private readonly ratio = new Thinned()
  private readonly highest = new Highest()
  private readonly leverage = new Highest()
  /** Of each instrument, whether its mark matters. */
  private readonly values: readonly boolean[]

  constructor(name: string, cash: number, { terms, markets }: { terms: MarginTerms; markets: readonly MarketState[] }) {
    this.name = name
    this.terms = terms
    this.markets = markets
    const instruments = markets.map(({ instrument }) => instrument)
    this.ledger = new Ledger(normal(textToE8(String(cash))), instruments, terms)
    this.parts = markets.map(() => new Use())
    this.values = markets.map((_, index) =>
      terms.collateral.some(({ at }) => 'instrument' in at && at.instrument === index),
    )
  }

  heard(execution: Execution): void {
    const { kind, exchange, symbol, side, ticks, lots, fee, positionSide, received } = execution
    if (kind !== 'fill' && kind !== 'liquidation' && kind !== 'funding') return
    const index = indexIn(
      this.markets.map(({ instrument }) => instrument),
      exchange,
      symbol,
    )
    const holding = this.ledger.at(index, positionSide)
    for (const use of [this.whole, this.parts[index]!]) use.heard(execution)
    if (kind === 'liquidation') this.note(1, received)
    if (kind === 'funding') this.ledger.receive(holding, negative(normal(fee)))
    else {
      const forced = kind === 'liquidation'
      this.ledger.fill(holding, { ticks: ticks!, lots: side === 'buy' ? lots! : -lots!, fee: normal(fee), forced })
    }
    this.measure(received)
  }

  marked({ instrument: { index }, markTicks }: MarketState, received: number): void {
    if (!(markTicks > 0)) return
    const [long, short] = [this.ledger.at(index, 'long'), this.ledger.at(index, 'short')]
    long.mark = markTicks
    short.mark = markTicks
    if (isOpen(long) || isOpen(short) || this.values[index]) this.measure(received)
  }

  line(): MarginAccountLine {
    const { ratio, highest, leverage } = this
    return { ...this.whole.told(this.name, undefined), ratio: ratio.take(), highest, leverage }
  }

  positions(symbols: readonly string[]): MarginUse[] {
    return this.parts.flatMap((part, index) =>
      part.value.time === undefined ? [] : part.told(this.name, symbols[index]),
    )
  }

  private measure(time: number): void {
    const { ledger, terms, whole, parts, leverage } = this
    const total = { value: 0, initial: 0, maintenance: 0 }
    let worth: E8 = ledger.free()
    for (const [index, part] of parts.entries()) {
      const own = { value: 0, initial: 0, maintenance: 0 }
      for (const holding of ledger.holdings) {
        if (holding.instrument.index !== index || !isOpen(holding)) continue
        addTo(own, neededBy(holding, terms))
        worth = add(worth, add(holding.margin, unrealized(holding)))
      }
      part.see(own, time)
      addTo(total, own)
    }
    whole.see(total, time)
    leverage.see(total.value / (e8ToNumber(worth) + collateralOf(ledger, terms)), time)
    this.note(this.ratioNow(), time)
  }

  /** The highest of what is liquidated by itself: of the account, or of an isolated position. NaN while a mark is not known. */
  private ratioNow(): number {
    const { ledger, terms } = this
    const held = ledger.holdings.filter(isOpen)
    const each = terms.mode === 'cross' ? held.slice(0, 1) : held
    return each.reduce((most, one) => Math.max(most, ratioOf(healthOf(one, ledger, terms))), 0)
  }

  private note(ratio: number, time: number): void {
    if (Number.isNaN(ratio)) return
    this.ratio.push(time, ratio * 100)
    this.highest.see(ratio, time)
  }
}

interface Needed {
  value: number
  initial: number
  maintenance: number
}

/** What a position is worth, and binds at the leverage that it was opened with, and has to be covered by. */
function neededBy(holding: Holding, terms: MarginTerms): Needed {
  const { index } = holding.instrument
  const value = notionalOf(holding)
  const leverage = leverageAt(value, { leverage: terms.leverage[index]!, tiers: terms.tiers[index]! })
  const initial = terms.mode === 'cross' ? value / leverage : e8ToNumber(holding.margin)
  return { value, initial, maintenance: maintenanceOf(holding, terms) }
}

function ratioOf({ balance, maintenance }: Health): number {
  if (Number.isNaN(balance)) return Number.NaN
  return balance > 0 ? Math.min(maintenance / balance, mostRatio) : mostRatio
}

function addTo(sum: Needed, { value, initial, maintenance }: Needed): void {
  sum.value += value
  sum.initial += initial
  sum.maintenance += maintenance
}
