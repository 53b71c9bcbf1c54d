// One order explained from the command line.
import { type Explanation, explain, sameCode } from '../pipelines/explain.ts'
import { seatsAgain } from '../pipelines/seats.ts'
import { type Where, withTopics } from './options.ts'
import { progress } from './progress.ts'
import { knownRun } from './runs.ts'
import { stopSignal } from './stop.ts'

/** Errors: RUN_MISSING, and as `explain`. */
export function explainOrder(where: Where, run: string, what: string): Promise<Explanation> {
  return withTopics(where, async (topics) => {
    const about = await knownRun(topics, run)
    const bar = progress('explain', {})
    try {
      return await explain(topics, { run, about, what }, async () => {
        const { seats, codeHash } = await seatsAgain(about.seats)
        sameCode(run, about, codeHash)
        return { seats, signal: stopSignal(), onRows: (rows) => bar.update(rows) }
      })
    } finally {
      bar.stop()
    }
  })
}
