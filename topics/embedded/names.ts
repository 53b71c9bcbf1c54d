// Where things lie in the folder, what they are called in the index, and which names a run may have.
import { join } from 'node:path'
import { catalogue, physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { RecordName } from '../../schemas/records.generated.ts'

const allowed = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/

/** What else topics begin with: those of everybody, and on Kafka those that stand for the tasks of runs. */
const taken: readonly string[] = ['market', 'tasks']

/** @throws SmartspeedError CONFIG_INVALID when a run may not be called that */
export function checkRun(run: string): void {
  if (allowed.test(run) && !taken.includes(run)) return
  throw new SmartspeedError(
    'CONFIG_INVALID',
    `a run cannot be called "${run}"; allowed: letters, digits, ".", "_" and "-", 1 to 100 of them, not a "." first, and not ${taken.map((name) => `"${name}"`).join(' or ')}`,
    { fix: 'choose another name: --name RUN' },
  )
}

/** @throws SmartspeedError CONFIG_INVALID, UNKNOWN_NAME */
export function nameOf(record: RecordName, run?: string): string {
  if (isMarket(record)) return physicalName(record)
  if (run === undefined) throw new SmartspeedError('CONFIG_INVALID', `${record} belongs to a run, and none was named`)
  checkRun(run)
  return physicalName(record, run)
}

/** Whose segment files hold the topic: those of the topic itself, or those of its run. */
export function ownerOf(topic: string): string {
  const dot = topic.lastIndexOf('.')
  return topic.startsWith('market.') ? `market/${topic.slice(dot + 1)}` : `runs/${topic.slice(0, dot)}`
}

export function segmentPath(dir: string, owner: string, segment: number): string {
  return join(dir, owner, `${String(segment).padStart(6, '0')}.seg`)
}

export const indexPath = (dir: string): string => join(dir, 'index.mdb')

export function isMarket(record: RecordName): boolean {
  return catalogue.find((topic) => topic.name === record)!.scope === 'market'
}

/** @throws SmartspeedError CONFIG_INVALID */
export function checkPartitions(topic: string, partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= 4096) return
  throw new SmartspeedError('CONFIG_INVALID', `${topic} cannot have ${partitions} partitions; allowed: 1 to 4096`)
}
