// Matrices and samples as JSON has them, into what the statistics take.
import { impossible } from '../research/statistics/impossible.ts'
import type { Differences } from '../research/statistics/reality-check.ts'
import { stationaryBootstrap } from '../research/statistics/stationary-bootstrap.ts'

/**
 * Rows of observations as columns one after the other.
 * @throws SmartspeedError CONFIG_INVALID when rows differ in length
 */
export function matrixOf(
  rows: readonly (readonly number[])[],
  name: string,
): { values: Float64Array; observations: number; columns: number } {
  const [observations, columns] = [rows.length, rows[0]!.length]
  const values = new Float64Array(observations * columns)
  rows.forEach((row, i) => {
    if (row.length !== columns) {
      throw impossible(`${name}[${i}] has ${row.length} numbers, ${name}[0] has ${columns}`, 'give rows of one length')
    }
    for (let column = 0; column < columns; column++) values[column * observations + i] = row[column]!
  })
  return { values, observations, columns }
}

export function differencesOf(rows: readonly (readonly number[])[]): Differences {
  const { values, observations, columns } = matrixOf(rows, 'differences')
  return { values, observations, models: columns }
}

interface Bootstrap {
  readonly bootstrapIndices?: readonly (readonly number[])[] | undefined
  readonly samples?: number | undefined
  readonly seed?: string | number | undefined
  readonly meanBlock?: number | undefined
}

/** The samples that were given, or as many as were asked for. @throws SmartspeedError CONFIG_INVALID for both or neither */
export function samplesOf(
  { bootstrapIndices, samples, seed, meanBlock }: Bootstrap,
  observations: number,
): readonly ArrayLike<number>[] {
  if (bootstrapIndices !== undefined) {
    if (samples === undefined && seed === undefined) return bootstrapIndices
    throw impossible('bootstrapIndices beside samples or seed', 'give the indices, or samples and seed to draw them')
  }
  if (samples === undefined || seed === undefined || meanBlock === undefined) {
    throw impossible(
      'no bootstrapIndices, and not all of samples, seed and meanBlock',
      'give bootstrapIndices, or all three: "samples":1000,"seed":1,"meanBlock":10',
    )
  }
  return stationaryBootstrap(observations, { samples, meanBlock, seed })
}

/** Whole observations; a share of all, as the book has it, where it is below 1. */
export function embargoOf(embargo: number, observations: number): number {
  if (embargo < 1) return Math.floor(embargo * observations)
  if (Number.isInteger(embargo)) return embargo
  throw impossible(`embargo ${embargo}`, 'give a whole number of observations, or below 1 a share of all of them')
}
