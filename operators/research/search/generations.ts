// Searches that learn ask in generations: each is made from all that were told before it began, and from nothing else.
import { type Asked, inOrder, type Search, type Told } from './space.ts'

export interface Generations {
  /** How many trials a generation has at most; 0: there is none of that number, and none after it. */
  size(generation: number): number
  /** The trials of a generation, from what was told of all trials before it. Fewer than its size: the last ones there are. */
  make(before: readonly Told[], generation: number): readonly Asked[]
}

/**
 * A search that gives what is left of the generation in which the first trial lies that was not told. So a study that was stopped
 * in the middle of a generation goes on with the trials that it would have had, and not with ones that know a part of it.
 */
export function inGenerations({ size, make }: Generations): Search {
  return {
    ask(told) {
      const done = inOrder(told)
      let begin = 0
      for (let generation = 0; ; generation++) {
        const trials = size(generation)
        if (trials === 0) return []
        if (done.length < begin + trials) {
          return make(done.slice(0, begin), generation).slice(done.length - begin)
        }
        begin += trials
      }
    },
  }
}
