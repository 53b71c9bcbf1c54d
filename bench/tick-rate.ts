// How many ticks a second does the whole graph take, again and again?
import { openTopics } from '../topics/index.ts'
import { type Bench, medianOf, mustEqual } from './bench.ts'
import { makeMarket, rowsAMinute, scalping, trade } from './ticks.ts'

/** Rows of a round, as S0 §9 of the documents that this project grew from says it. */
const rowsARound = 500_000

export const tickRate: Bench = {
  name: 'tick-rate',
  question: '500,000 rows of a simulated market in the mix of a captured session, the whole graph, round after round',
  async run({ share, folder, rounds = 5 }) {
    const dir = makeMarket(folder, Math.ceil((rowsARound * Math.max(share, 0.03)) / rowsAMinute))
    const topics = await openTopics({ engine: 'embedded', dir })
    const call = await scalping()
    // Once before: the compiler of JavaScript is not what is asked for.
    const first = await trade(topics, 'before', call)
    if (first.fills === 0) throw new Error('the scalper was never filled')
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      const { rows, seconds, hashes } = await trade(topics, `round-${round}`, call)
      mustEqual('outputs of the same rows', hashes, first.hashes)
      rates.push(rows / seconds)
    }
    await topics.close()
    return [
      { what: 'whole graph', value: medianOf(rates), unit: 'rows/s', rounds: rates, pass: 100_000, at: 'least' },
      { what: 'rows of a round', value: first.rows, unit: '' },
    ]
  },
}
