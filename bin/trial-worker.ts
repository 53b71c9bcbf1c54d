// A worker of bin/trial-pool.ts: trades the market with the parameter sets that it is sent, and sends what they came to.
import { seatOf } from '../pipelines/seats.ts'
import { findStrategy } from '../pipelines/strategy-file.ts'
import { graphTrials } from '../pipelines/study/graph-trials.ts'
import { openTopics } from '../topics/index.ts'
import { countColumnsAsHeap } from './heap.ts'
import { errorOut, type PoolAnswer, type PoolAsk, type PoolJob } from './trial-pool.ts'

countColumnsAsHeap()
// Ctrl-C reaches every process of a terminal: the one that commits says when this one ends.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))

const say = (answer: PoolAnswer) => process.send!(answer)

process.once('message', (job: PoolJob) => {
  const ready = prepare(job)
  ready.catch(() => {}) // said where it is awaited
  process.on('message', async (ask: PoolAsk) => {
    try {
      const { topics, found } = await ready
      const seats = ask.params.map((params) => seatOf({ ...job.strategy, params }, found))
      const { outcomes } = await graphTrials(topics, ask.plan, seats, { figures: false })
      say({ outcomes })
    } catch (error) {
      say({ error: errorOut(error) })
    }
  })
})

async function prepare({ engine, strategy }: PoolJob) {
  const [topics, found] = await Promise.all([openTopics({ ...engine, readOnly: true }), findStrategy(strategy.name)])
  return { topics, found }
}
