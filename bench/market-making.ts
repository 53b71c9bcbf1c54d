// How long does market making over a real session take, with queue position and latency?
import { join } from 'node:path'
import { backtest } from '../pipelines/backtest.ts'
import { parseTopology } from '../pipelines/config.ts'
import { findSeats } from '../pipelines/seats.ts'
import { openTopics } from '../topics/index.ts'
import { type Bench, child, mustEqual } from './bench.ts'

const root = join(import.meta.dirname, '..')
const symbol = { exchange: 'binance-usdm', symbols: ['BTCUSDT'] }

/** The whole capture, quotes and all, once: in this process, which has run nothing before. */
export const marketMaking: Bench = {
  name: 'market-making',
  question: 'the captured session with quotes, once, the whole trading graph in a fresh process',
  async run({ data, folder }) {
    importCapture(data, folder)
    const result = await trade(folder, 1)
    mustEqual('rows', result.rows, 21_313 + 66_089 + 6_552 + 1 + 344)
    return [
      { what: 'topic read to last commit', value: result.seconds, unit: 's', pass: 0.15, aim: 0.1 },
      { what: 'peak anonymous memory', value: result.peakRssMb, unit: 'MB', pass: 512, aim: 256 },
      { what: 'fills', value: result.fills, unit: '' },
    ]
  },
}

/** Depth and trades alone, twenty times over: 557,300 messages, 9.3 million level events. */
export const marketMakingRepeated: Bench = {
  name: 'market-making-20',
  question: 'the depth and trades of the captured session, 20 times over, queue position and latency',
  async run({ share, data, folder }) {
    const times = Math.max(1, Math.round(20 * share))
    importCapture(data, join(folder, 'once'))
    const repeated = join(folder, 'repeated')
    child([join(root, 'bench', 'repeat.ts'), join(folder, 'once'), repeated, String(times)])
    const result = await trade(repeated, times)
    mustEqual('rows', result.rows, (21_313 + 6_552) * times + 1)
    const peers = 'hftbacktest 0.77–1.13 s in the same run, compiled: bench/peers'
    return [
      { what: 'topic read to last commit', value: result.seconds, unit: 's', pass: 0.75, aim: 0.16, peers },
      {
        what: 'peak anonymous memory',
        value: result.peakRssMb,
        unit: 'MB',
        pass: 512,
        aim: 256,
        peers: 'hftbacktest 1.05 GB',
      },
      { what: 'rows', value: result.rows, unit: '' },
      { what: 'fills', value: result.fills, unit: '' },
    ]
  },
}

async function trade(dir: string, times: number) {
  const topics = await openTopics({ engine: 'embedded', dir })
  const topology = parseTopology({
    ...{ ...symbol, strategy: { name: 'market-maker' }, risk: 'default' },
    venue: { latency: { outMs: 5, backMs: 5, jitterMs: 1 }, queue: 'power' },
  })
  const { seats, codeHash } = await findSeats(topology)
  const clock = { nowMs: () => performance.now() }
  const result = await backtest({ topics, topology, seats, codeHash, clock, name: `times-${times}` })
  await topics.close()
  if (result.fills === 0) throw new Error('the market maker was never filled')
  return result
}

function importCapture(data: string, dir: string): void {
  const file = join(data, 'captures', 'usdm-btcusdt-20240808.gz')
  child([join(root, 'bin', 'main.ts'), 'import', file, '--exchange', 'binance-usdm', '--dir', dir])
}
