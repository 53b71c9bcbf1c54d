// Flags prices that moved by more than half within a minute (S0 §5): counted, never refused, for a crash is real.

const seconds = 60
const microsPerSecond = 1_000_000

interface Window {
  /** Lowest and highest price of each of the last 60 seconds, by second modulo 60; Infinity and 0 where there was none. */
  readonly lows: Float64Array
  readonly highs: Float64Array
  second: number
  low: number
  high: number
}

/** One market. All state is plain, so that it can be packed. */
export class Jumps {
  private readonly windows: Map<string, Window>

  constructor(saved: ReadonlyMap<string, Window> = new Map()) {
    this.windows = new Map(saved)
  }

  /** True when `price` is more than 50 % above the lowest or below the highest price of the minute before. */
  isJump(symbol: string, price: number, received: number): boolean {
    const window = this.windows.get(symbol) ?? this.begin(symbol)
    const second = Math.floor(received / microsPerSecond)
    if (second > window.second) move(window, second)
    const jump = price > window.low * 1.5 || price < window.high * 0.5
    const at = window.second % seconds
    if (price < window.lows[at]!) window.lows[at] = price
    if (price > window.highs[at]!) window.highs[at] = price
    if (price < window.low) window.low = price
    if (price > window.high) window.high = price
    return jump
  }

  save(): ReadonlyMap<string, Window> {
    return this.windows
  }

  private begin(symbol: string): Window {
    const lows = new Float64Array(seconds).fill(Number.POSITIVE_INFINITY)
    const window = { lows, highs: new Float64Array(seconds), second: 0, low: Number.POSITIVE_INFINITY, high: 0 }
    this.windows.set(symbol, window)
    return window
  }
}

/** Forgets the seconds that are more than a minute ago. */
function move(window: Window, second: number): void {
  const from = Math.max(window.second + 1, second - seconds + 1)
  for (let each = from; each <= second; each++) {
    window.lows[each % seconds] = Number.POSITIVE_INFINITY
    window.highs[each % seconds] = 0
  }
  window.second = second
  window.low = Math.min(...window.lows)
  window.high = Math.max(...window.highs)
}
