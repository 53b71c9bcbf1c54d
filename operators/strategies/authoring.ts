// What the file of a strategy imports as 'smartspeed', wherever it lies. docs/add-a-strategy.md shows one in full.
export { z } from 'zod'
export type { BarView, Desk, Market, RegimeView, Trader } from '../desk.ts'
export type { FeatureName } from '../features/names.ts'
export { type Instrument, lotsOf, priceOf, sizeOf, ticksOf } from '../instrument.ts'
export type { Horizon } from '../regime/horizons.ts'
export type { CandleColumns } from '../research/vectorized/columns.ts'
export { pack, unpack } from '../stage.ts'
export { defineStrategy, type Strategy } from './strategy.ts'
