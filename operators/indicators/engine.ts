// Chosen indicators over bars, as they come.
import {
  type IndicatorBars,
  indicatorCodes,
  indicatorStateLength,
  programStride,
  runIndicators,
} from '../../native/indicators.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { ChosenIndicator } from './parse.ts'

/** A program of `native/indicators.ts`. */
export function programOf(chosen: readonly ChosenIndicator[]): Float64Array {
  const program = new Float64Array(chosen.length * programStride)
  for (const [at, { indicator, parameters }] of chosen.entries()) {
    program.set([indicatorCodes[indicator.name], ...parameters], at * programStride)
  }
  return program
}

/**
 * Indicators of one series of bars.
 *
 * Out:    of `run`, a column after the other in the order of `chosen` and of each one's outputs, as long as the bars; NaN before
 *         the warm-up. How the bars are cut into calls does not show.
 * State:  in one array; `save` gives its bytes, `load` sets them.
 */
export class IndicatorEngine {
  readonly columns: readonly string[]
  readonly #program: Float64Array
  readonly #state: Float64Array

  constructor(chosen: readonly ChosenIndicator[]) {
    this.columns = chosen.flatMap(({ columns }) => columns)
    this.#program = programOf(chosen)
    this.#state = new Float64Array(indicatorStateLength(this.#program))
  }

  /** Takes the next bars in. `out`: an array to use again; of `columns.length` × bars numbers. */
  run(bars: IndicatorBars, out = new Float64Array(this.columns.length * bars.close.length)): Float64Array {
    runIndicators(this.#program, this.#state, bars, out)
    return out
  }

  save(): Uint8Array {
    return new Uint8Array(this.#state.buffer.slice(0))
  }

  /** Errors: VERSION_MISMATCH when the bytes are not of these indicators. */
  load(bytes: Uint8Array): void {
    if (bytes.byteLength !== this.#state.byteLength) {
      throw new SmartspeedError(
        'VERSION_MISMATCH',
        `a state of ${bytes.byteLength} bytes is not one of these indicators, which have ${this.#state.byteLength}`,
      )
    }
    new Uint8Array(this.#state.buffer).set(bytes)
  }
}
