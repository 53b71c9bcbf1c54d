// What a simulation takes for granted, said for the one who trusts its result.
import { type VenueAssumption, venueAssumptions } from '../../pipelines/assumptions.ts'
import type { Plan } from '../../pipelines/plan.ts'
import type { Assumption } from './data.ts'
import { full, isoOf } from './format.ts'

const kinds: Readonly<Record<VenueAssumption['kind'], string>> = {
  ...{ matching: 'Matching', fills: 'Resting orders', queue: 'Queue', latency: 'Latency', slippage: 'Slippage' },
  ...{ limits: 'Limits of the exchange', fees: 'Fees' },
}

/** The assumptions of a plan, the weightiest first. */
export function assumptionsOf(
  plan: Plan,
  { currency, from, to }: { currency: string; from: number; to: number },
): Assumption[] {
  const { topology, interval, instruments } = plan
  const { venue, strategies, sizing, risk, seed, regimeScaling } = topology
  const { funding } = venue
  const ofVenue = venueAssumptions(plan).map(({ kind, name, value, meaning, file }) => {
    const said = kind === 'fees' ? value : `${name}${value === '' || value === name ? '' : `: ${value}`}`
    return { name: kind === 'fees' ? `Fees of ${name}` : kinds[kind], value: said, meaning, file }
  })
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
    ...ofVenue,
    ...bars,
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
      value: `${sized(sizing)}${regimeScaling ? ', by the risk regime' : ''}`,
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

/** 0.0004 as `4 bp`. */
const bp = (rate: number): string => `${full(Number((rate * 1e4).toPrecision(12)))} bp`

function sized(sizing: Plan['topology']['sizing']): string {
  return Array.isArray(sizing) ? sizing.map(settings).join('; then ') : settings(sizing)
}

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
