// What the file of a strategy imports as 'smartspeed', wherever it lies. docs/add-a-strategy.md shows one in full.
export { z } from 'zod'
export type { BarView, Desk, Market, Trader } from '../desk.ts'
export { type Instrument, lotsOf, priceOf, sizeOf, ticksOf } from '../instrument.ts'
export { pack, unpack } from '../stage.ts'
export { defineStrategy, type Strategy } from './strategy.ts'
