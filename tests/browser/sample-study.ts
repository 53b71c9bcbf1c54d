// A study and a validation that never were, for looking at: a seeded hill over parameters, and curves around it.
import type { Fan, HeatmapInput, MetricMap, Subject, ValidationInput, Window } from '../../console/study/data.ts'
import { quantile } from '../../operators/metrics/quantile.ts'
import { random } from '../../operators/random.ts'

const dayUs = 86_400_000_000
const from = Date.UTC(2022, 0, 1) * 1000

const subject: Subject = {
  ...{ study: 'crossing', strategy: 'sma-cross', data: 'BTCUSDT on binance-usdm, bars of 1m', version: '0.1.0' },
  ...{ from, to: from + 730 * dayUs },
}

/** A hill of Sharpe ratios with noise on it, refused where fast is not below slow. */
export function sampleMap(count: number, withModes = true): MetricMap {
  const chance = random('sample map')
  const fast = Array.from({ length: count }, (_, at) => 2 + at)
  const slow = Array.from({ length: count }, (_, at) => 10 + 2 * at)
  const modes = withModes ? ['long-flat', 'long-short'] : []
  const axes = [
    { name: 'fast', values: fast },
    { name: 'slow', values: slow },
    ...(withModes ? [{ name: 'mode', values: modes }] : []),
  ]
  const values = fast.flatMap((a) =>
    slow.flatMap((b) =>
      (withModes ? modes : ['long-flat']).map((mode) => {
        const off = ((a / count - 0.4) / 0.25) ** 2 + ((b / (2 * count) - 0.6) / 0.3) ** 2
        const hill = 2.4 / (1 + off) - 0.9 + 0.25 * chance.normal() + (mode === 'long-short' ? 0.1 : 0)
        return a < b ? hill : Number.NaN
      }),
    ),
  )
  return {
    ...{ axes, values: Float64Array.from(values) },
    metric: { name: 'Sharpe ratio', unit: '', better: 'larger', neutral: 0 },
  }
}

export function sampleHeatmap(count: number, withModes = true): HeatmapInput {
  const map = sampleMap(count, withModes)
  const modes = withModes ? 2 : 1
  const order = [...map.values.keys()]
    .filter((at) => !Number.isNaN(map.values[at]!))
    .sort((a, b) => map.values[b]! - map.values[a]!)
  const best = order.slice(0, 40).map((at) => ({
    trial: at,
    params: {
      fast: map.axes[0]!.values[Math.floor(at / modes / count)]!,
      slow: map.axes[1]!.values[Math.floor(at / modes) % count]!,
      mode: at % modes === 0 ? 'long-flat' : 'long-short',
    },
    ...{ value: map.values[at]!, figures: [1_000_000 * (1 + map.values[at]! / 10), -12.5, 420 + (at % 97)] },
  }))
  return {
    ...subject,
    ...map,
    ...{ search: 'grid', best, trials: order.length, failed: 3, refused: map.values.length - order.length },
    figures: [
      { name: 'Final equity', unit: 'USDT' },
      { name: 'Drawdown', unit: '% of the peak' },
      { name: 'Fills', unit: '' },
    ],
    trialsSoFar: order.length + 12_000,
  }
}

export function sampleValidation(level: ValidationInput['level'] = 'amber'): ValidationInput {
  const chance = random('sample validation')
  const windows = Array.from({ length: 12 }, (_, at): Window => {
    const testFrom = from + (200 + 40 * at) * dayUs
    const inSampleSharpe = 1.9 + 0.4 * chance.normal()
    const outOfSampleSharpe = 0.8 + 1.1 * chance.normal()
    return {
      ...{ trainFrom: testFrom - 200 * dayUs, trainTo: testFrom, testFrom, testTo: testFrom + 40 * dayUs },
      params: { fast: 20 + (at % 5), slow: 140 + 4 * (at % 3) },
      ...{ inSampleSharpe, outOfSampleSharpe, outOfSampleReturn: outOfSampleSharpe * 0.03 },
    }
  })
  const times = Float64Array.from({ length: 480 }, (_, day) => from + (200 + day) * dayUs)
  let equity = 1_000_000
  const curve = times.map(() => {
    equity *= 1 + 0.0006 + 0.011 * chance.normal()
    return equity
  })
  return {
    ...subject,
    ...{ method: 'walk-forward', level, params: { fast: 22, slow: 144 }, unit: 'USDT' },
    verdict:
      'The edge is smaller than what the best of so many trials would show by chance; more data could settle it.',
    reasons: [
      'After 10000 trials a Sharpe ratio like this is skill with a probability of 81 %.',
      'In 31 % of the splits the best of one half was below the median in the other.',
    ],
    checks: [
      {
        ...{
          name: 'Deflated Sharpe ratio',
          value: 0.81,
          unit: 'probability',
          threshold: 'at least 0.95',
          level: 'amber',
        },
        sentence: 'After 10000 trials a Sharpe ratio like this is skill with a probability of 81 %.',
      },
      {
        ...{
          name: 'Probability of overfitting',
          value: 0.31,
          unit: 'probability',
          threshold: 'below 0.2',
          level: 'amber',
        },
        sentence: 'In 31 % of the splits the best of one half was below the median in the other.',
      },
      {
        ...{ name: 'Windows that won', value: 0.75, unit: 'share', threshold: 'at least 0.6', level: 'green' },
        sentence: 'Nine of twelve windows won out of sample.',
      },
      {
        ...{
          name: 'Minimum backtest length',
          value: undefined,
          unit: 'years',
          threshold: 'at most the data',
          level: 'red',
        },
        sentence: 'It cannot be given for a Sharpe ratio of zero.',
      },
    ],
    warnings: ['Sharpe ratio above 2 in sample', 'more than 5 parameters'],
    ...{
      trials: 10_000,
      trialsSoFar: 22_000,
      dsr: 0.81,
      dsrAsPublished: 0.34,
      pbo: 0.31,
      oosConsistency: 0.75,
      degradation: 0.55,
    },
    ...{ outOfSampleSharpe: 0.92, score: 61, windows, outOfSample: { times, equity: curve } },
    holdOut: {
      ...{ from: times.at(-1)!, to: times.at(-1)! + 90 * dayUs, sharpe: 0.4, totalReturn: 0.012 },
      ...{ readsBefore: 1, seenBefore: 3 },
    },
    fans: [fanOf('blocks of daily returns', 'days'), fanOf('round trips in another order', 'trades')],
    paths: Float64Array.from({ length: 45 }, () => 0.7 + 0.6 * chance.normal()),
    logits: Float64Array.from({ length: 924 }, () => 0.6 + 1.2 * chance.normal()),
    sensitivity: sampleMap(9, false),
  }
}

/** Two hundred random walks, and the first of them as what was. */
function fanOf(name: string, steps: Fan['steps']): Fan {
  const chance = random(`sample fan ${name}`)
  const length = 250
  const walks = Array.from({ length: 200 }, () => {
    let equity = 1_000_000
    return Array.from({ length }, () => {
      equity *= 1 + 0.0005 + 0.01 * chance.normal()
      return equity
    })
  })
  const at = Float64Array.from({ length }, (_, step) => step + 1)
  const band = (share: number) =>
    at.map((_, step) => quantile(Float64Array.from(walks, (walk) => walk[step]!).sort(), share))
  return {
    ...{ name, samples: 200, steps, at, observed: Float64Array.from(walks[0]!) },
    ...{ p05: band(0.05), p25: band(0.25), p50: band(0.5), p75: band(0.75), p95: band(0.95) },
    fell: { half: -0.112, twentieth: -0.204 },
  }
}
