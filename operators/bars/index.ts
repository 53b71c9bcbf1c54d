// Bars from trades: time bars on the UTC grid, tick, volume and dollar bars; longer time bars from shorter ones.
export { BarBuilder, type BarState, type ClosedBar } from './bar-builder.ts'
export { type Interval, parseInterval } from './interval.ts'
export { type Parts, type ResampleOptions, type ResampleStep, resampleStage } from './resample.ts'
export { type Bars, type BarsOptions, type BarsStep, barsStage } from './stage.ts'
