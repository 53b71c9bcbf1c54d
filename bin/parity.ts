// Parity of a run from the command line.
import { type Parity, parity } from '../pipelines/parity.ts'
import { seatsAgain } from '../pipelines/seats.ts'
import { type Where, withTopics } from './options.ts'
import { progress } from './progress.ts'
import { anyKnownRun } from './runs.ts'
import { stopSignal } from './stop.ts'

export function parityOf(where: Where, run: string): Promise<Parity> {
  return withTopics(where, async (topics) => {
    const about = await anyKnownRun(topics, run)
    const { seats, codeHash } = await seatsAgain(about.seats)
    const bar = progress('parity', {})
    try {
      return await parity(topics, run, about, {
        seats,
        codeHash,
        signal: stopSignal(),
        onRows: (rows) => bar.update(rows),
      })
    } finally {
      bar.stop()
    }
  })
}
