// Ticks and lots: prices and sizes as whole numbers of their instrument's steps (DESIGN §7).
import type { Instrument as InstrumentRow } from '../schemas/records.generated.ts'

/** An instrument with a number of its own within a task, and its steps as exact fractions. */
export interface Instrument {
  /** 0, 1, … in the order (exchange, symbol) within the task. */
  readonly index: number
  readonly exchange: string
  readonly symbol: string
  readonly type: InstrumentRow['type']
  /** What is bought and sold, as the exchange names it. */
  readonly base: string
  /** What its price is in. */
  readonly quote: string
  readonly settle: string
  readonly tickSize: number
  readonly lotSize: number
  readonly minNotional: number
  readonly contractSize: number
  readonly inverse: boolean
  /** tickSize = tickNumerator / tickDenominator, whole numbers, the denominator a power of ten; likewise for lots. */
  readonly tickNumerator: number
  readonly tickDenominator: number
  readonly lotNumerator: number
  readonly lotDenominator: number
}

export function instrumentOf(row: InstrumentRow, index: number): Instrument {
  const [tickNumerator, tickDenominator] = fractionOf(row.tickSize)
  const [lotNumerator, lotDenominator] = fractionOf(row.lotSize)
  const { exchange, symbol, type, base, quote, settle, tickSize, lotSize, minNotional, contractSize, inverse } = row
  return {
    ...{ index, exchange, symbol, type, base, quote, settle, tickSize, lotSize, minNotional, contractSize, inverse },
    ...{ tickNumerator, tickDenominator, lotNumerator, lotDenominator },
  }
}

/** Where the instrument of that exchange and symbol stands among them; −1 where it is not one of them. */
export function indexIn(
  instruments: readonly { readonly exchange: string; readonly symbol: string }[],
  exchange: string | undefined,
  symbol: string | undefined,
): number {
  return instruments.findIndex((one) => one.symbol === symbol && one.exchange === exchange)
}

/** What rows of a whole account name as their exchange; '' where its instruments lie on several: they are about all of them. */
export function sharedExchange(instruments: readonly { readonly exchange: string }[]): string {
  const [first] = instruments
  return first !== undefined && instruments.every(({ exchange }) => exchange === first.exchange) ? first.exchange : ''
}

/** The nearest whole number of ticks of a price. */
export function ticksOf(instrument: Instrument, price: number): number {
  return Math.round(price / instrument.tickSize)
}

/** The price of a number of ticks: the double nearest to its decimal text. */
export function priceOf(instrument: Instrument, ticks: number): number {
  return (ticks * instrument.tickNumerator) / instrument.tickDenominator
}

/** The nearest whole number of lots of a size. */
export function lotsOf(instrument: Instrument, size: number): number {
  return Math.round(size / instrument.lotSize)
}

/** The size of a number of lots: the double nearest to its decimal text. */
export function sizeOf(instrument: Instrument, lots: number): number {
  return (lots * instrument.lotNumerator) / instrument.lotDenominator
}

/** A decimal step as a fraction over a power of ten, read off its shortest decimal text. @throws RangeError unless 0 < step < 10¹⁵ */
export function fractionOf(step: number): [numerator: number, denominator: number] {
  if (!(step > 0 && step < 1e15)) throw new RangeError(`a step must be above 0, not ${step}`)
  const [digits, exponent = '0'] = step.toString().split('e')
  const [whole, part = ''] = digits!.split('.')
  const decimals = part.length - Number(exponent)
  const numerator = Number(`${whole}${part}`)
  const power = Number(`1e${Math.abs(decimals)}`)
  return decimals >= 0 ? [numerator, power] : [numerator * power, 1]
}
