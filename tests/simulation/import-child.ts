// A process that imports captures and dies when told to. Arguments: folder, file of marks, ImportOrder as JSON.
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { importFiles } from '../../pipelines/ingest.ts'
import { openTopics } from '../../topics/index.ts'
import { armed, type Kill, mortal } from './mortal.ts'

export interface ImportOrder {
  readonly files: readonly string[]
  readonly exchange: string
  readonly stepRows: number
  readonly kill?: Kill | undefined
}

if (process.argv[1] === import.meta.filename) {
  const [dir, marks, text] = process.argv.slice(2) as [string, string, string]
  const { files, exchange, stepRows, kill } = JSON.parse(text) as ImportOrder
  const wake = await armed(kill)
  wake(0)
  const topics = mortal(await openTopics({ engine: 'embedded', dir }), marks, wake)
  await importFiles({ topics, files, exchange: exchangeOf(exchange), stepRows, seconds: () => 0 })
  await topics.close()
}
