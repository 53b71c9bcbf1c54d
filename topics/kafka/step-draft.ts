// What a step is made into before anything is sent: rows encoded with registered schemas, by topic and partition.
import { schemaOf } from '../../schemas/avro.ts'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { codecOf } from '../codec.ts'
import { isMarket } from '../embedded/names.ts'
import { spread } from '../partition.ts'
import { partitionOfTask, partitionsFor, stepOfTask } from '../tasks.ts'
import type { Step } from '../topics.ts'
import { addRows, type Cut, snapshotRows } from './draft.ts'
import type { Names } from './layout.ts'
import type { Ledger, TopicEntry } from './ledger.ts'
import type { Registry } from './registry.ts'
import type { Right } from './right.ts'

export interface Draft {
  readonly topics: Map<
    string,
    { readonly entry: TopicEntry; readonly fresh: boolean; readonly lanes: Map<number, Cut[]> }
  >
  readonly snapshot?: {
    readonly manifest: ReturnType<typeof snapshotRows>['manifest']
    readonly task: string
    readonly step: number
  }
  readonly step: Step
  readonly written: number
}

interface Context {
  readonly registry: Registry
  readonly ledger: Ledger
  readonly names: Names
  readonly clock: () => number
}

/** @throws SmartspeedError USAGE, CONFIG_INVALID, RECORD_INVALID, SCHEMA_INCOMPATIBLE */
export async function draftOf(
  { registry, ledger, names, clock }: Context,
  { run, market, task: own }: Right,
  given: Step,
): Promise<Draft> {
  const step = own === undefined ? given : stepOfTask(given, own)
  for (const { topic } of step.outputs) if (!market && isMarket(topic)) throw noRight(run, topic)
  const task = step.task ?? step.journal?.task ?? ''
  const outputs: Batch[] = [...step.outputs]
  if (step.journal !== undefined) outputs.push(batchOf('journal', [step.journal]))
  let snapshot: Draft['snapshot']
  if (step.snapshot !== undefined) {
    const number = step.journal?.step ?? ledger.snapshots(run, task).at(-1)?.[0] ?? 0
    const { batch, manifest } = snapshotRows(run, task, number, step.snapshot, step.journal)
    snapshot = { manifest, task, step: number }
    outputs.push(batch)
  }
  const topics: Draft['topics'] = new Map()
  for (const batch of outputs) {
    const topic = physicalName(batch.topic, run)
    let draft = topics.get(topic)
    if (draft === undefined) {
      const known = ledger.topics.get(topic)
      const owner = isMarket(batch.topic) ? {} : { run }
      const fresh: TopicEntry = { record: batch.topic, ...owner, partitions: partitionsFor(own) }
      draft = { entry: known ?? fresh, fresh: known === undefined, lanes: new Map() }
      topics.set(topic, draft)
    }
    if (batch.rows === 0) continue
    const schemaId = await registry.idOf(names.subject(topic), schemaOf(batch.topic))
    const { partitions } = draft.entry
    const to = own === undefined ? spread(batch, partitions) : { all: partitionOfTask(own, topic, partitions) }
    addRows(draft.lanes, batch, to, codecOf(batch.topic, { schemaId }))
  }
  return { topics, step, written: clock(), ...(snapshot === undefined ? {} : { snapshot }) }
}

function noRight(run: string, topic: string): SmartspeedError {
  return new SmartspeedError('USAGE', `the writer of run ${run} was not opened to write market topics such as ${topic}`)
}
