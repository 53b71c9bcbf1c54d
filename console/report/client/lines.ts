// Several curves over one axis of time: each drawn with as many points as the plot has pixels for, then laid side by side.
import type { Gap, Series } from '../data.ts'
import { firstAfter, pointsToDraw } from '../decimate.ts'

/** A curve beside the main one of a chart. */
export interface Line {
  readonly name: string
  readonly series: Series
  /** Token of its colour, and its dashes; the legend in the page says the same. */
  readonly stroke: string
  readonly dash: readonly number[]
}

type Drawn = readonly [times: readonly number[], values: readonly (number | null)[]]

/**
 * The points of a curve to draw between two times, with a null between those that a gap parts: nothing is bridged. What is
 * held goes on to where the gap begins; a size that is held is known where it ends, too.
 */
export function drawnOf(
  series: Series,
  { gaps, form }: { readonly gaps: readonly Gap[]; readonly form: 'line' | 'hold' | 'size' | 'depth' },
  range: { readonly from: number; readonly to: number; readonly columns: number },
): Drawn {
  const times: number[] = []
  const values: (number | null)[] = []
  let gap = 0
  for (const index of pointsToDraw(series, range.from, range.to, range.columns)) {
    const time = series.times[index]!
    while (gap < gaps.length && gaps[gap]!.to <= time) {
      const { from: begin, to: end } = gaps[gap++]!
      if (times.length > 0 && times.at(-1)! <= begin) {
        const held = values.at(-1)!
        if (form !== 'line') {
          times.push(begin)
          values.push(held)
        }
        times.push((begin + end) / 2)
        values.push(null)
        if (form === 'size') {
          times.push(end)
          values.push(held)
        }
      }
    }
    times.push(time)
    values.push(series.values[index]!)
  }
  return [times, values]
}

/**
 * Curves as one table, as uPlot wants them: all their times in order, and of each curve the value there, undefined where it
 * has no point. Points of one curve at one time stay apart, in their order.
 */
export function aligned(curves: readonly Drawn[]): uPlot.AlignedData {
  if (curves.length === 1) return curves[0] as unknown as uPlot.AlignedData
  const at = curves.map(() => 0)
  const times: number[] = []
  const columns: (number | null | undefined)[][] = curves.map(() => [])
  for (;;) {
    let next = Number.POSITIVE_INFINITY
    for (const [index, [own]] of curves.entries()) next = Math.min(next, own[at[index]!] ?? next)
    if (next === Number.POSITIVE_INFINITY) return [times, ...columns] as uPlot.AlignedData
    times.push(next)
    for (const [index, [own, values]] of curves.entries()) {
      columns[index]!.push(own[at[index]!] === next ? values[at[index]!++] : undefined)
    }
  }
}

/** What a curve is at a time: its last value at or before it; undefined before its first. */
export function valueAt({ times, values }: Series, time: number): number | undefined {
  return values[firstAfter(times, time) - 1]
}
