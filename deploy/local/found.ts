// Which processes of a deployment run on this machine: known by the topology file on their command line, which is theirs alone, so
// that neither a lost state file nor a pid that was given to somebody else can mislead, and a new supervisor finds those of an old one.
import { commandLines } from '../services/processes.ts'
import { idOf } from './unit.ts'

export interface Found {
  readonly id: string
  readonly pid: number
  /** Where it answers; undefined when it was told none. */
  readonly port: number | undefined
}

/** Those of one folder, by rising pid. A zombie has no command line any more, and so is none. */
export function foundIn(folder: string): Found[] {
  const mark = ` run ${folder}/units/v`
  return commandLines()
    .flatMap(({ pid, line }) => {
      const at = line.indexOf(mark)
      if (at === -1) return []
      const [, since, pipeline, replica] = /^(\d+)\/(.+?)-(\d+)\.yaml(?: |$)/.exec(line.slice(at + mark.length)) ?? []
      if (since === undefined) return []
      const port = /--http (\d+)/.exec(line)?.[1]
      const id = idOf({ pipeline: pipeline!, since: Number(since), replica: Number(replica) })
      return [{ id, pid, port: port === undefined ? undefined : Number(port) }]
    })
    .sort((a, b) => a.pid - b.pid)
}

/** The supervisors that run for a folder: none or one, or one that is about to find that another is there. */
export function supervisorsOf(folder: string): number[] {
  return commandLines().flatMap(({ pid, line }) => (line.endsWith(` deploy supervise ${folder}`) ? [pid] : []))
}
