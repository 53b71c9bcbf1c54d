// How fast does a raw capture become topics, durable and checked, through the real connector?

import { join } from 'node:path'
import { exchangeOf } from '../connectors/exchanges/index.ts'
import { importFiles } from '../pipelines/ingest.ts'
import { openTopics } from '../topics/index.ts'
import { type Bench, mustEqual } from './bench.ts'

export const importing: Bench = {
  name: 'import',
  question: 'a raw capture of 93,954 lines into topics, from the file to the last commit, in a fresh process',
  async run({ data, folder }) {
    const file = join(data, 'captures', 'usdm-btcusdt-20240808.gz')
    const topics = await openTopics({ engine: 'embedded', dir: folder })
    const seconds = () => performance.now() / 1000
    const imported = await importFiles({ topics, files: [file], exchange: exchangeOf('binance-usdm'), seconds })
    await topics.close()
    const { trades, quotes, books } = imported.records
    mustEqual('records', [trades, quotes, books], [21_313, 66_089, 6_552])
    mustEqual('book', imported.symbols.BTCUSDT, { synced: true, gaps: [], crossed: 0, checksums: { ok: 0, bad: 0 } })
    const lines = imported.files[0]!.lines
    return [
      {
        ...{ what: 'lines', value: lines / imported.seconds / 1e6, unit: 'M lines/s', pass: 0.3, aim: 1, at: 'least' },
        peers: 'hftbacktest 0.06 M lines/s',
      },
    ]
  },
}
