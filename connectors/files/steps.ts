// The smallest steps of price and size, read off numbers, for want of an answer from the exchange.

/** The finest decimal step among the numbers that it was shown. */
export class StepFinder {
  private decimals = 0
  private seen = false

  /**
   * A number's decimals count up to its 15th significant digit: what stands behind is noise of binary fractions, as in
   * 0.0027300000000000002. Zero says nothing.
   */
  show(value: number): void {
    if (value === 0 || !Number.isFinite(value)) return
    this.seen = true
    // Most numbers have no more decimals than those before them.
    if (isWhole(value, this.decimals)) return
    const [digits, exponent = '0'] = String(Number(value.toPrecision(15))).split('e')
    const part = digits!.split('.')[1] ?? ''
    this.decimals = Math.max(this.decimals, Math.min(12, part.length - Number(exponent)))
  }

  /** The step; undefined when no number was shown. */
  get step(): number | undefined {
    return this.seen ? Number(`1e${-this.decimals}`) : undefined
  }
}

function isWhole(value: number, decimals: number): boolean {
  const scaled = value * powers[decimals]!
  return Math.abs(scaled - Math.round(scaled)) <= 1e-15 * Math.abs(scaled)
}

const powers = Array.from({ length: 13 }, (_, decimals) => Number(`1e${decimals}`))
