// The sentence under each chart: what to see in it.
import type { Fills, InstrumentCharts, ReportData, SeatLine, Series } from './data.ts'
import { isFlatBeside } from './flat.ts'
import { durationOf, full, isoOf, percent, short, signed } from './format.ts'

/** What the equity chart shows. */
export function equityCaption(data: ReportData): string {
  const { equity, currency, gaps, activity } = data
  const [low, high] = extremes(equity)
  const fills =
    activity.fills === 0 ? '' : ' Along the foot ▲ buys and ▼ sells, with their number where several share the place.'
  return `Equity lay between ${at(equity, low, currency)} and ${at(equity, high, currency)}.${benchmarkText(data)}${fills}${gapsText(gaps)}${keptText(equity)}`
}

/** What the same money would have become without trading. */
function benchmarkText({ benchmark, noBenchmark, performance, equity }: ReportData): string {
  if (benchmark === undefined) return ` No line of buy and hold: ${noBenchmark}.`
  const { benchmarkReturn } = benchmark.figures
  if (benchmarkReturn === null || performance.totalReturn === null) return ''
  const ahead = performance.totalReturn - benchmarkReturn
  const side = ahead === 0 ? 'as much as' : `${short(Math.abs(ahead) * 100)} points ${ahead > 0 ? 'more' : 'less'} than`
  const hidden = isFlatBeside(equity, benchmark.equity)
    ? '; its line is off, because equity would be flat beside it'
    : ''
  return ` The run gave ${signed(percent(performance.totalReturn))} % of its start, ${side} buying and holding (${signed(percent(benchmarkReturn))} %${hidden}).`
}

/** What the chart of accounts shows. */
export function resultsCaption({ seats, currency }: ReportData): string {
  const sorted = [...seats].sort((a, b) => Number(b.end - b.start - (a.end - a.start)))
  const text = ({ account, start, end }: SeatLine) =>
    `${account} with ${signed(short(Number(end - start) / 1e8))} ${currency}`
  return `The thick line is all accounts together; the best was ${text(sorted[0]!)}, the worst ${text(sorted.at(-1)!)}.`
}

/** What the drawdown chart shows. */
export function drawdownCaption({ performance, falls }: ReportData): string {
  const { intradayMaxDrawdown: depth, intradayMaxDrawdownTrough: trough, intradayMaxDrawdownRecovery } = performance
  if (depth === null || depth === 0 || trough === null) return 'Equity was never below an earlier value.'
  const after =
    intradayMaxDrawdownRecovery === null
      ? 'not recovered by the end of the data'
      : `recovered at ${timeText(intradayMaxDrawdownRecovery)}`
  return `Deepest at ${timeText(trough)}: ${signed(percent(depth))} % of the highest equity so far; ${after}.${falls.length > 1 ? ` Shaded: the ${falls.length} deepest, from peak to recovery, by their rank in the table.` : ''}`
}

/** What the price chart of one instrument shows. */
export function priceCaption({ price, quote, buys, sells }: InstrumentCharts, { gaps }: ReportData): string {
  const { values } = price
  if (values.length === 0) return 'The topics hold no price of this instrument in the range of the run.'
  const change = values.at(-1)! / values[0]! - 1
  const moved = `From ${full(values[0]!)} to ${full(values.at(-1)!)} ${quote}, ${signed(percent(change))} % of the first price`
  const traded = sum(buys.counts) + sum(sells.counts)
  const fills =
    traded === 0
      ? '; nothing was traded.'
      : `; ▲ bought ${sizeText(buys)} and ▼ sold ${sizeText(sells)}, the tip of each at its price, where several share the place at their mean with their number.`
  return `${moved}${fills}${gapsText(gaps)}${keptText(price)}`
}

/** What the position chart of one instrument shows. */
export function positionCaption({ position, unit, heldMs }: InstrumentCharts): string {
  const { values } = position
  if (!values.some((value) => value !== 0)) return 'No position was held.'
  const [low, high] = extremes(position)
  const last = values.at(-1)!
  const end = last === 0 ? 'flat at the end' : `${signed(full(trimmed(last)))} ${unit} at the end`
  const dense =
    values.length > 1_000 ? ' Where changes are closer than pixels the curve is pale: zoom in to see each.' : ''
  return `Between ${signed(full(trimmed(values[low]!)))} and ${signed(full(trimmed(values[high]!)))} ${unit}, held for ${durationOf(heldMs)} in all, ${end}.${dense}${keptText(position)}`
}

/** Indices of the lowest and the highest value. */
function extremes({ values }: Series): [low: number, high: number] {
  let low = 0
  let high = 0
  for (let index = 1; index < values.length; index++) {
    if (values[index]! < values[low]!) low = index
    if (values[index]! > values[high]!) high = index
  }
  return [low, high]
}

function at({ times, values }: Series, index: number, unit: string): string {
  return `${full(Number(values[index]!.toFixed(2)))} ${unit} (${timeText(times[index]!)})`
}

/** To the second: a caption is read, not computed with. */
function timeText(time: number): string {
  return `${isoOf(Math.floor(time / 1e6) * 1e6).replace('T', ' ')} UTC`
}

function sizeText({ sizes, counts }: Fills): string {
  return `${short(sum(sizes))} in ${full(sum(counts))} fill${sum(counts) === 1 ? '' : 's'}`
}

function gapsText(gaps: ReportData['gaps']): string {
  if (gaps.length === 0) return ''
  const missing = gaps.reduce((total, { from, to }) => total + to - from, 0)
  return ` Hatched: ${full(gaps.length)} stretch${gaps.length === 1 ? '' : 'es'} without data, ${durationOf(missing / 1e3)} in all.`
}

function keptText({ times, of }: Series): string {
  if (times.length >= of) return ''
  return ` Of ${full(of)} points the first, lowest, highest and last of each short stretch are kept: ${full(times.length)}.`
}

/** 0.30000000000000004 as 0.3. */
const trimmed = (value: number): number => Number(value.toPrecision(12))

function sum(numbers: Float64Array | Uint32Array): number {
  let total = 0
  for (const one of numbers) total += one
  return total
}
