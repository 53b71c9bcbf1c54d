// How the curves beside a main one look, in the page's legend and in its charts alike: a colour and a dash each.

export interface Look {
  /** Token of tokens.css. */
  readonly stroke: string
  readonly dash: readonly number[]
}

export const mainLook: Look = { stroke: 'ink', dash: [] }

/** Of the market that a run is measured against. */
export const benchmarkLook: Look = { stroke: 'muted', dash: [5, 3] }

const strokes = ['curve-0', 'curve-1', 'curve-2', 'curve-3', 'curve-4', 'curve-5']
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [9, 3, 2, 3]]

/** Of the curve of that number: six colours, and other dashes with each further one, so that paper tells them apart too. */
export function lookOf(number: number): Look {
  return { stroke: strokes[number % strokes.length]!, dash: dashes[number % dashes.length]! }
}
