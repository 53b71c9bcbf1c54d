// What a simulation takes for granted, said for the one who trusts its result.
import type { Plan } from '../../pipelines/plan.ts'
import type { Assumption } from './data.ts'
import { full, isoOf } from './format.ts'

const fillModes: Readonly<Record<Plan['fill'], string>> = {
  book: 'orders meet the recorded book and trades on the exchange’s clock; market orders walk the book, what they took is gone for them',
  'next-open':
    'market orders fill at the open of the next candle; a limit order fills when a candle touches its price, on the pessimistic path',
  close: 'market orders fill at the close that gave the signal: nobody can trade there',
}

const queues: Readonly<Record<string, string>> = {
  conservative: 'only trades at our price bring us forward; cancels ahead of us count for nothing',
  power: 'cancels at our price bring us forward with a probability that depends on our place',
}

const slippages: Readonly<Record<string, string>> = {
  none: 'fills at the known prices; our own orders move nothing',
  'square-root': 'taking pays √(size / volume) of the volatility on top',
}

/** The assumptions of a plan, the weightiest first. */
export function assumptionsOf(
  { topology, fill, interval, instruments }: Plan,
  { currency, from, to }: { currency: string; from: number; to: number },
): Assumption[] {
  const { venue, strategies, sizing, risk, seed, regimeScaling } = topology
  const { fees, latency, slippage, queue, funding } = venue
  const queued: Assumption[] =
    fill === 'book' ? [{ name: 'Queue', value: queue, meaning: queues[queue] ?? 'its place in the queue' }] : []
  const funded: Assumption[] = instruments.some(({ type }) => type === 'perpetual')
    ? [{ name: 'Funding', ...fundingOf(funding) }]
    : []
  const intervals = strategies.flatMap(({ account, interval: own }) =>
    own === undefined ? [] : `${account.name} ${own}`,
  )
  const bars: Assumption[] =
    interval === undefined
      ? []
      : [
          {
            name: 'Bars',
            value: [interval, ...intervals].join(', '),
            meaning: 'the strategy sees a bar when it is closed, never before',
          },
        ]
  return [
    { name: 'Fills', value: fill, meaning: fillModes[fill] },
    ...queued,
    ...bars,
    { name: 'Latency', ...latencyOf(latency) },
    { name: 'Slippage', value: slippage, meaning: slippages[slippage] ?? '' },
    { name: 'Taker fee', value: bp(fees.taker), meaning: 'of the value, for orders that trade at once' },
    {
      name: 'Maker fee',
      value: bp(fees.maker),
      meaning: 'of the value, for orders that rested; below zero it is a rebate',
    },
    ...Object.entries(fees.exchanges ?? {}).map(([exchange, own]) => ({
      name: `Fees of ${exchange}`,
      value: `${bp(own.taker ?? fees.taker)} taker, ${bp(own.maker ?? fees.maker)} maker`,
      meaning: 'in place of those above',
    })),
    ...funded,
    {
      name: 'Starting cash',
      value: strategies
        .map(({ account: { name, cash } }) => `${strategies.length > 1 ? `${name} ` : ''}${full(cash)} ${currency}`)
        .join(', '),
      meaning:
        strategies.length > 1
          ? 'accounts share the market and nothing else: an order of one is never seen by another'
          : `account ${strategies[0]!.account.name}; nothing is paid in or out`,
    },
    {
      name: 'Sizing',
      value: `${settings(sizing)}${regimeScaling ? ', by the risk regime' : ''}`,
      meaning: regimeScaling ? 'a signal becomes a size that the risk regime scales' : 'how a signal becomes a size',
    },
    {
      name: 'Risk checks',
      value: typeof risk === 'string' ? risk : settings(risk),
      meaning:
        risk === 'off'
          ? 'only instrument filters and cash are checked: a live account never runs so'
          : 'each order passed every one',
    },
    {
      name: 'Instrument',
      value: instruments
        .map(
          ({ symbol, tickSize, lotSize, minNotional }) =>
            `${symbol}: tick ${full(tickSize)}, lot ${full(lotSize)}, least value ${minNotional === 0 ? 'unknown' : full(minNotional)}`,
        )
        .join('; '),
      meaning: instruments.some(({ inferred }) => inferred)
        ? 'read off the data, not told by the exchange'
        : 'as the exchange says',
    },
    {
      name: 'Data range',
      value: `${isoOf(from)}Z to ${isoOf(to)}Z`,
      meaning: 'by receive time; rows that came into the topics after the run began are not in it',
    },
    {
      name: 'End of the data',
      value: 'marked',
      meaning: 'nothing is closed or cancelled; open positions count at the last mark',
    },
    { name: 'Seed', value: String(seed), meaning: 'of everything random; the same seed gives the same bytes' },
  ]
}

function latencyOf(latency: Plan['topology']['venue']['latency']): { value: string; meaning: string } {
  const { outMs, backMs, jitterMs } =
    typeof latency === 'number' ? { outMs: latency, backMs: latency, jitterMs: 0 } : latency
  const jitter = jitterMs === 0 ? '' : `, ${full(jitterMs)} ms of jitter on average`
  const none = outMs === 0 && backMs === 0 && jitterMs === 0
  return {
    value: `${full(outMs)} ms out, ${full(backMs)} ms back${jitter}`,
    meaning: none
      ? 'orders act at once: faster than any real account'
      : 'orders act on what the market is when they arrive',
  }
}

/** 0.0004 as `4 bp`. */
const bp = (rate: number): string => `${full(Number((rate * 1e4).toPrecision(12)))} bp`

function settings(value: Readonly<Record<string, unknown>>): string {
  return Object.entries(value)
    .map(([key, one]) =>
      key === 'name' ? String(one) : `${key} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`,
    )
    .join(', ')
}

function fundingOf({ rate, intervalHours }: Plan['topology']['venue']['funding']) {
  const meaning = 'paid on what is held when it falls due, at mark'
  if (rate === undefined) return { value: 'as recorded', meaning: `${meaning}; where no rate is known none is paid` }
  return { value: `as recorded, else ${bp(rate)} every ${full(intervalHours)} h`, meaning }
}
