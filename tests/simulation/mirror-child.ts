// A process that mirrors one folder into another and dies when told to. Arguments: source, target, file of marks, MirrorOrder as JSON.
import { mirror } from '../../pipelines/mirror.ts'
import { openTopics } from '../../topics/index.ts'
import { armed, type Kill, mortal } from './mortal.ts'

export interface MirrorOrder {
  readonly run?: string
  readonly stepRows: number
  readonly kill?: Kill | undefined
}

if (process.argv[1] === import.meta.filename) {
  const [from, to, marks, text] = process.argv.slice(2) as [string, string, string, string]
  const { run, stepRows, kill } = JSON.parse(text) as MirrorOrder
  const wake = await armed(kill)
  wake(0)
  const source = await openTopics({ dir: from, readOnly: true })
  const target = mortal(await openTopics({ dir: to }), marks, wake)
  await mirror({ source, target, from, stepRows, ...(run === undefined ? {} : { run }) })
  await target.close()
  await source.close()
}
