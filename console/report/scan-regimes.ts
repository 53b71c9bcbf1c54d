// The regimes of a run's instruments: those that the run kept, or what the same engine makes of the bars that it saw.

import { regimeOut } from '../../native/regime.ts'
import { barsStage } from '../../operators/bars/index.ts'
import { type Instrument, indexIn, instrumentOf } from '../../operators/instrument.ts'
import { RegimeEngine } from '../../operators/regime/engine.ts'
import { type Horizon, horizons } from '../../operators/regime/horizons.ts'
import { ladders } from '../../operators/regime/ladders.ts'
import { candlesOf } from '../../pipelines/closed-bars.ts'
import { FundingRates } from '../../pipelines/funding-rates.ts'
import { namesOf } from '../../pipelines/named-instruments.ts'
import type { Plan } from '../../pipelines/plan.ts'
import { inputOptions } from '../../pipelines/plan.ts'
import type { Batch } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { wordAt } from '../../schemas/columns.ts'
import { replay } from '../../topics/replay.ts'
import type { Topics } from '../../topics/topics.ts'
import { Bands } from './bands.ts'
import type { RegimeBands } from './data.ts'
import { eachRow } from './scan-run.ts'

/** What the page offers to look at: a minute's regime changes too often to be a background. The first one is shown. */
const shown: readonly Horizon[] = ['1h', 'risk', '24h']

/** By symbol; a symbol without regimes, because it has too few bars, has no entry. */
export async function scanRegimes(
  topics: Topics,
  { run, plan, to }: { run: string; plan: Plan; to: number },
): Promise<ReadonlyMap<string, readonly RegimeBands[]>> {
  const known = new Known(namesOf(plan.instruments))
  await eachRow(topics, 'regimes', run, (batch, row) => known.add(batch, row))
  if (known.isEmpty) await computed(topics, plan, known)
  else return known.take('run', to)
  return known.take('report', to)
}

class Known {
  private readonly nameOf: ReturnType<typeof namesOf>
  private readonly bands = new Map<string, Map<string, Bands>>()

  constructor(nameOf: ReturnType<typeof namesOf>) {
    this.nameOf = nameOf
  }

  get isEmpty(): boolean {
    return this.bands.size === 0
  }

  add({ columns }: Batch<'regimes'>, row: number): void {
    const horizon = wordAt(columns.horizon, row)!
    if (!shown.some((one) => one === horizon)) return
    const bands = this.bandsOf(wordAt(columns.exchange, row)!, wordAt(columns.symbol, row)!, horizon)
    bands.push(columns.received[row]!, wordAt(columns.regime, row)!)
  }

  bandsOf(exchange: string, name: string, horizon: string): Bands {
    const symbol = this.nameOf(exchange, name)
    const own = this.bands.get(symbol) ?? new Map<string, Bands>()
    this.bands.set(symbol, own)
    const bands = own.get(horizon) ?? new Bands()
    own.set(horizon, bands)
    return bands
  }

  take(source: RegimeBands['source'], to: number): Map<string, readonly RegimeBands[]> {
    return new Map(
      [...this.bands].map(([symbol, own]) => [
        symbol,
        shown.flatMap((horizon) => own.get(horizon)?.take(horizon, source, to) ?? []),
      ]),
    )
  }
}

const numbers = shown.map((horizon) => horizons.indexOf(horizon))

const minuteUs = 60_000_000
const unitUs: Readonly<Record<string, number>> = { s: 1e6, m: minuteUs, h: 60 * minuteUs, d: 1440 * minuteUs }

/** Bars of a minute on ticks, the run's own candles on candles; of candles that are not of a time there are no regimes. */
async function computed(topics: Topics, plan: Plan, known: Known): Promise<void> {
  const onCandles = plan.fill !== 'book'
  const [, count, unit] = /^(\d+)([smhd])$/.exec(onCandles ? (plan.interval ?? '') : '1m') ?? []
  if (unit === undefined) return
  const instruments = plan.instruments.map(instrumentOf)
  const engine = new RegimeEngine(instruments.length, Number(count) * unitUs[unit]!)
  const names = onCandles ? (['funding', 'candles'] as const) : (['funding', 'trades', 'heartbeats', 'clocks'] as const)
  const wanted = names.map((name) => physicalName(name))
  const inputs = plan.inputs.filter(({ topic }) => wanted.includes(topic)).map(({ topic }) => ({ topic }))
  if (inputs.length === 0) return
  const bars = barsStage.create({ interval: '1m', instruments })
  const funding = new FundingRates(instruments)
  const bands: (Bands | undefined)[][] = instruments.map(() => [])
  for await (const { merged } of replay(topics, { ...inputOptions(plan), inputs })) {
    const closed = onCandles ? candlesOf(merged, plan.interval) : bars.step(merged)
    const rates = funding.asOf(merged, closed)
    if (closed.batch.rows === 0) continue
    const { received, time, close, volume } = closed.batch.columns
    const instrument = indicesOf(closed.batch, instruments)
    const out = engine.run({ instrument, time, close, volume, funding: rates })
    for (let bar = 0; bar < closed.batch.rows; bar++) {
      // As the run would have kept them: rows from before it only say what the market is.
      if (received[bar]! < (plan.from ?? 0)) continue
      const own = bands[instrument[bar]!]!
      for (const [at, horizon] of shown.entries()) {
        const code = out[bar * regimeOut + numbers[at]! * 4]!
        if (!(code >= 0)) continue
        const { exchange, symbol } = instruments[instrument[bar]!]!
        own[at] ??= known.bandsOf(exchange, symbol, horizon)
        own[at].push(received[bar]!, ladders[horizon][code]!)
      }
    }
  }
}

/** Where each bar's instrument stands among the run's: of others the plan reads nothing. */
function indicesOf({ rows, columns }: Batch<'bars' | 'candles'>, instruments: readonly Instrument[]): Uint32Array {
  const { exchange, symbol } = columns
  const known: number[] = []
  const indices = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) {
    const place = exchange.codes[row]! * symbol.values.length + symbol.codes[row]!
    known[place] ??= indexIn(instruments, wordAt(exchange, row)!, wordAt(symbol, row)!)
    indices[row] = known[place]
  }
  return indices
}
