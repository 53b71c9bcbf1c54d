// The regimes of a run's instruments: those that the run kept, or the same stage over the bars that it saw.
import { barsStage } from '../../operators/bars/index.ts'
import { instrumentOf } from '../../operators/instrument.ts'
import type { Horizon } from '../../operators/regime/horizons.ts'
import { regimeStage } from '../../operators/regime/stage.ts'
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
  /** Of the batch in hand: whose a row is, looked up once for each instrument and horizon. */
  private columns: unknown
  private places: (Bands | null)[] = []

  constructor(nameOf: ReturnType<typeof namesOf>) {
    this.nameOf = nameOf
  }

  get isEmpty(): boolean {
    return this.bands.size === 0
  }

  add({ columns }: Batch<'regimes'>, row: number): void {
    const { exchange, symbol, horizon } = columns
    if (columns !== this.columns) {
      this.columns = columns
      this.places = []
    }
    const instrument = exchange.codes[row]! * symbol.values.length + symbol.codes[row]!
    const place = instrument * horizon.values.length + horizon.codes[row]!
    if (this.places[place] === undefined)
      this.places[place] = this.bandsOf(wordAt(exchange, row)!, wordAt(symbol, row)!, wordAt(horizon, row)!)
    this.places[place]?.push(columns.received[row]!, wordAt(columns.regime, row)!)
  }

  /** Null for a horizon that is not shown. */
  private bandsOf(exchange: string, name: string, horizon: string): Bands | null {
    if (!shown.some((one) => one === horizon)) return null
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

const minuteUs = 60_000_000
const unitUs: Readonly<Record<string, number>> = { s: 1e6, m: minuteUs, h: 60 * minuteUs, d: 1440 * minuteUs }

/** Bars of a minute on ticks, the run's own candles on candles; of candles that are not of a time there are no regimes. */
async function computed(topics: Topics, plan: Plan, known: Known): Promise<void> {
  const onCandles = plan.fill !== 'book'
  const [, count, unit] = /^(\d+)([smhd])$/.exec(onCandles ? (plan.interval ?? '') : '1m') ?? []
  if (unit === undefined) return
  const instruments = plan.instruments.map(instrumentOf)
  const regimes = regimeStage.create({ instruments, barUs: Number(count) * unitUs[unit]! })
  const names = onCandles ? (['funding', 'candles'] as const) : (['funding', 'trades', 'heartbeats', 'clocks'] as const)
  const wanted = names.map((name) => physicalName(name))
  const inputs = plan.inputs.filter(({ topic }) => wanted.includes(topic)).map(({ topic }) => ({ topic }))
  if (inputs.length === 0) return
  const bars = barsStage.create({ interval: '1m', instruments })
  const funding = new FundingRates(instruments)
  for await (const { merged } of replay(topics, { ...inputOptions(plan), inputs })) {
    const closed = onCandles ? candlesOf(merged, plan.interval) : bars.step(merged)
    const rates = funding.asOf(merged, closed)
    if (closed.batch.rows === 0) continue
    const { batch } = regimes.step({ bars: closed.batch, funding: rates })
    // As the run would have kept them: rows from before it only say what the market is.
    const { received } = batch.columns
    for (let row = 0; row < batch.rows; row++) if (!(received[row]! < (plan.from ?? 0))) known.add(batch, row)
  }
}
