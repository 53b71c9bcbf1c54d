// Parity of a run from the command line.
import { type Parity, parity } from '../pipelines/parity.ts'
import { findStrategy } from '../pipelines/strategy-file.ts'
import { progress } from './progress.ts'
import { knownRun, withLog } from './runs.ts'
import { stopSignal } from './stop.ts'

export function parityOf(dir: string, run: string): Promise<Parity> {
  return withLog(dir, async (topics) => {
    const about = await knownRun(topics, run)
    const { strategy, codeHash } = await findStrategy(about.strategyFile ?? about.plan.topology.strategy.name)
    const bar = progress('parity', {})
    try {
      return await parity(topics, run, about, {
        strategy,
        codeHash,
        signal: stopSignal(),
        onRows: (rows) => bar.update(rows),
      })
    } finally {
      bar.stop()
    }
  })
}
