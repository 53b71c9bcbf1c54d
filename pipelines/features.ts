// The features pipeline: bars, features and regimes of every instrument, stored for whoever reads them. Each instrument by itself.
import { type Bars, barsStage } from '../operators/bars/index.ts'
import { instrumentOf } from '../operators/instrument.ts'
import { pack, type Step, unpack } from '../operators/stage.ts'
import { batchOf, type Merged } from '../schemas/batch.ts'
import { type BarLane, since } from './bar-lanes.ts'
import { driven, lift } from './lift.ts'
import { marketOf } from './market-of.ts'
import { MarketRows } from './market-rows.ts'
import { Outputs } from './outputs.ts'
import type { Plan } from './plan.ts'
import type { effortOf, Warning } from './result.ts'
import type { Graph } from './runtime.ts'
import { Sights } from './sights.ts'

/** The topics that a features run is compared by. */
export const featureTopics = ['bars', 'features', 'regimes'] as const

/** What a features run came to. */
export interface FeaturesResult extends ReturnType<typeof effortOf> {
  readonly run: string
  readonly hashes: Record<(typeof featureTopics)[number], string>
  /** Rows, of all instruments. */
  readonly written: Record<(typeof featureTopics)[number], number>
  readonly instruments: number
  readonly warnings: readonly Warning[]
}

/**
 * The graph of some instruments, at its beginning. It writes what the trading graph writes of them with `keep`.
 *
 * Errors: as `Sights`.
 */
export function createFeatures({ plan }: { plan: Plan }): Graph {
  const { from = Number.NEGATIVE_INFINITY } = plan
  const keeps = plan.topology.keep
  const instruments = plan.instruments.map(instrumentOf)
  const markets = instruments.map(marketOf)
  const outputs = new Outputs()
  const sights = new Sights({ plan, seats: [], instruments, markets, outputs })
  const bars = plan.fill === 'book' ? barsStage.create({ interval: plan.interval!, instruments }) : undefined
  const row = new MarketRows(markets)

  const prepare: Pick<Step<Merged, Seen>, 'step'> = {
    step(merged) {
      const closed = bars?.step(merged) ?? noBars
      sights.prepare(merged, closed)
      return { merged, ...since(from, closed) }
    },
  }
  const watch: Pick<Step<Seen, void>, 'step'> = {
    step({ merged, bars }) {
      if (keeps.includes('bars') && bars.rows > 0) outputs.add(bars)
      for (let i = 0; i < merged.rows; i++) {
        row.move(merged, i)
        row.market?.apply(row)
        sights.to(i)
        if ((i & 1023) === 1023) outputs.cut()
      }
    },
  }
  return {
    step: driven((input) => input.pipe(lift(prepare), lift(watch))),
    take: () => outputs.take(),
    save: () =>
      pack({
        ...{ bars: bars?.save(), sights: sights.save(), markets: markets.map((market) => market.save()) },
      } satisfies Saved),
    load(bytes) {
      const saved = unpack<Saved>(bytes)
      if (saved.bars !== undefined) bars?.load(saved.bars)
      sights.load(saved.sights)
      for (const [i, market] of markets.entries()) market.load(saved.markets[i]!)
    },
  }
}

interface Seen extends Pick<BarLane, 'bars'> {
  readonly merged: Merged
}

interface Saved {
  readonly bars: Uint8Array | undefined
  readonly sights: Uint8Array
  readonly markets: readonly Uint8Array[]
}

const noBars: Bars = { batch: batchOf('bars', []), at: new Uint32Array(0) }
