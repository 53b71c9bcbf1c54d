// The line through the last n points of two series, kept point by point, exactly.
import { ln } from '../../native/index.ts'

/** Logarithms are counted in units of 2⁻³²: far below a tick of any price. */
const unit = 2 ** 32

/**
 * Least squares of y = alpha + beta × x over the last n pairs of logarithms of prices.
 *
 * Logarithms are rounded to whole units once; from there on all sums are whole numbers, so that a point that leaves takes away
 * exactly what it brought: no drift however long the series, and the same bits as a sum over the window anew. A step costs the
 * same whatever n is.
 */
export class RollingRegression {
  /** Points so far. */
  count = 0
  private readonly xs: Float64Array
  private readonly ys: Float64Array
  // Sums below 2⁵³ are numbers; those of products are not.
  private sumX = 0
  private sumY = 0
  private sumXX = 0n
  private sumXY = 0n
  private sumYY = 0n

  constructor(points: number) {
    this.xs = new Float64Array(points)
    this.ys = new Float64Array(points)
  }

  /** Takes a pair of prices above 0 in, and the oldest out. */
  push(x: number, y: number): void {
    const { xs, ys } = this
    const at = this.count % xs.length
    if (this.count >= xs.length) this.add(xs[at]!, ys[at]!, -1)
    xs[at] = Math.round(ln(x) * unit)
    ys[at] = Math.round(ln(y) * unit)
    this.add(xs[at]!, ys[at]!, 1)
    this.count++
  }

  /** The line as of the last point; undefined before n points, and where x has not moved. Deviation is that of the points' distances to it, divided by n. */
  fit(): Fit | undefined {
    const { xs, ys, sumX, sumY } = this
    const n = xs.length
    if (this.count < n) return undefined
    const [sx, sy, points] = [BigInt(sumX), BigInt(sumY), BigInt(n)]
    const xx = points * this.sumXX - sx * sx
    const xy = points * this.sumXY - sx * sy
    const yy = points * this.sumYY - sy * sy
    if (xx === 0n) return undefined
    const last = (this.count - 1) % n
    const beta = Number(xy) / Number(xx)
    // (yy·xx − xy²) / xx / n², with nothing rounded before the division.
    const variance = Number(yy * xx - xy * xy) / Number(xx) / (n * n)
    const alpha = (sumY - beta * sumX) / n
    const residual = ys[last]! - alpha - beta * xs[last]!
    return { alpha: alpha / unit, beta, deviation: Math.sqrt(variance) / unit, residual: residual / unit }
  }

  /**
   * Points after which half of a distance to the line is gone, by the regression of its changes on itself over the window:
   * −ln 2 / ln(1 + slope). Infinity where distances do not shrink; 0 where they turn round at once.
   */
  halfLife({ beta, alpha }: Fit): number {
    const { xs, ys, count } = this
    const n = xs.length
    let [before, sb, sc, sbb, sbc] = [0, 0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const at = (count + i) % n
      const distance = ys[at]! / unit - alpha - beta * (xs[at]! / unit)
      if (i > 0) {
        const change = distance - before
        sb += before
        sc += change
        sbb += before * before
        sbc += before * change
      }
      before = distance
    }
    const slope = ((n - 1) * sbc - sb * sc) / ((n - 1) * sbb - sb * sb)
    if (!(slope < 0)) return Number.POSITIVE_INFINITY
    return slope <= -1 ? 0 : -ln(2) / ln(1 + slope)
  }

  save(): RegressionState {
    return { xs: this.xs, ys: this.ys, count: this.count }
  }

  load({ xs, ys, count }: RegressionState): void {
    this.xs.set(xs)
    this.ys.set(ys)
    this.count = count
    Object.assign(this, { sumX: 0, sumY: 0, sumXX: 0n, sumXY: 0n, sumYY: 0n })
    for (let at = 0; at < Math.min(count, xs.length); at++) this.add(xs[at]!, ys[at]!, 1)
  }

  private add(x: number, y: number, sign: 1 | -1): void {
    this.sumX += sign * x
    this.sumY += sign * y
    const [bx, by, s] = [BigInt(x), BigInt(y), BigInt(sign)]
    this.sumXX += s * bx * bx
    this.sumXY += s * bx * by
    this.sumYY += s * by * by
  }
}

export interface Fit {
  readonly alpha: number
  readonly beta: number
  /** Of the distances of the window's points to the line. */
  readonly deviation: number
  /** Distance of the last point to the line. */
  readonly residual: number
}

export interface RegressionState {
  readonly xs: Float64Array
  readonly ys: Float64Array
  readonly count: number
}
