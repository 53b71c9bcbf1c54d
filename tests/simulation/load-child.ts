// A process that loads foreign files and dies when told to. Arguments: folder, file of marks, LoadOrder as JSON.
import { fileFormat, type TickRecord } from '../../connectors/files/formats.ts'
import { loadTicks } from '../../pipelines/load-ticks.ts'
import { openTopics } from '../../topics/index.ts'
import { armed, type Kill, mortal } from './mortal.ts'

export interface LoadOrder {
  readonly files: readonly {
    readonly file: string
    readonly record: TickRecord
    readonly format: string
    readonly exchange: string
    readonly symbol: string
  }[]
  readonly stepRows: number
  readonly kill?: Kill | undefined
}

if (process.argv[1] === import.meta.filename) {
  const [dir, marks, text] = process.argv.slice(2) as [string, string, string]
  const { files, stepRows, kill } = JSON.parse(text) as LoadOrder
  const wake = await armed(kill)
  wake(0)
  const topics = mortal(await openTopics({ engine: 'embedded', dir }), marks, wake)
  for (const { format, ...one } of files) {
    await loadTicks(topics, { ...one, format: fileFormat(format, one.record), side: 'tick-rule', stepRows })
  }
  await topics.close()
}
