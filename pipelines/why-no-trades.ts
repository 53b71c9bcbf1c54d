// Why a run did not trade, told alike at the end of a backtest and in its report (DESIGN §8: never "0 trades, success").

/** How far signals came. */
export interface Idle {
  readonly run: string
  readonly marketRows: number
  /** Undefined for a strategy that looks at rows alone. */
  readonly bars: number | undefined
  /** Bars, or rows, before the first decision. */
  readonly warmup: number | undefined
  readonly signals: number
  readonly orders: number
  readonly fills: number
  /** How orders ended, where that is known. */
  readonly cancelled?: number
  readonly expired?: number
  readonly refusals: readonly {
    /** `risk`, `venue`. */
    readonly by: string
    readonly check: string
    readonly reason: string
    readonly count: number
    /** The first one in its own words, where they are known. */
    readonly example?: string
  }[]
}

export interface WhyIdle {
  readonly why: string
  /** What to do, with its command. */
  readonly next: string
}

/** The first thing that kept a run from trading; undefined when it traded. `said` writes numbers for people. */
export function whyNoTrades(idle: Idle, said: (count: number) => string = String): WhyIdle | undefined {
  const { run, marketRows, bars, warmup, signals, orders, fills, cancelled, expired, refusals } = idle
  if (fills > 0) return undefined
  const count = (number: number, noun: string) => `${said(number)} ${noun}${number === 1 ? '' : 's'}`
  const seen = bars ?? marketRows
  const what = bars === undefined ? 'market row' : 'bar'
  if (seen === 0) {
    return { why: 'The strategy saw no data.', next: 'See what the topics hold: npx smartspeed topics' }
  }
  if (signals === 0 && warmup !== undefined && seen < warmup) {
    return {
      why: `The warm-up is longer than the data: the strategy decides from ${what} ${warmup} on, and the data end after ${count(seen, what)}.`,
      next: 'Give it more data (an earlier --from), or shorter parameters (--set key=value).',
    }
  }
  if (signals === 0) {
    return {
      why: `The strategy gave no signal in ${count(seen, what)}.`,
      next: 'Its conditions were never met: try other parameters (--set key=value) or another range.',
    }
  }
  const [worst] = [...refusals].sort((a, b) => b.count - a.count)
  const who = worst?.by === 'venue' ? 'the venue' : `the check ${worst?.check}`
  const example = worst?.example === undefined ? '.' : `: ${worst.example}`
  const refused =
    worst === undefined ? '' : ` Most often ${who} said ${worst.reason} (${count(worst.count, 'time')})${example}`
  if (orders === 0) {
    return {
      why: `${count(signals, 'signal')}, and no order: all were refused or asked for nothing.${refused}`,
      next: `See what the first one met: npx smartspeed explain ${run} signal:1`,
    }
  }
  const ends =
    cancelled === undefined || expired === undefined ? '' : `: ${said(cancelled)} cancelled, ${said(expired)} expired`
  return {
    why: `${count(orders, 'order')} reached the venue and none was filled${ends}.${refused}`,
    next: `See what became of the first: npx smartspeed explain ${run} 1`,
  }
}
