// What a step is made into before anything is sent: rows encoded with registered schemas, by topic and partition.
import { schemaOf } from '../../schemas/avro.ts'
import { type Batch, batchOf } from '../../schemas/batch.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { codecOf } from '../codec.ts'
import { isMarket } from '../embedded/names.ts'
import { type Spread, spread } from '../partition.ts'
import { checkPlace, densePieces } from '../placed.ts'
import { partitionOfTask, partitionsFor, stepOfTask } from '../tasks.ts'
import type { Step } from '../topics.ts'
import { addRows, type Cut, endBehind, snapshotRows } from './draft.ts'
import type { Names } from './layout.ts'
import { endOf, type Ledger, type TopicEntry } from './ledger.ts'
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
  /** What of the draft belongs to the topic of a batch. */
  const ofTopic = ({ topic: record }: Batch) => {
    const topic = physicalName(record, run)
    const known = ledger.topics.get(topic)
    const owner = isMarket(record) ? {} : { run }
    const fresh: TopicEntry = { record, ...owner, partitions: partitionsFor(own) }
    const draft = topics.get(topic) ?? { entry: known ?? fresh, fresh: known === undefined, lanes: new Map() }
    topics.set(topic, draft)
    return { topic, ...draft }
  }
  const add = async (batch: Batch, to: Spread, first?: number): Promise<void> => {
    const { topic, lanes } = ofTopic(batch)
    const schemaId = await registry.idOf(names.subject(topic), schemaOf(batch.topic))
    addRows(lanes, batch, to, codecOf(batch.topic, { schemaId }), first)
  }
  // Asked for at once: the first commit of a run asks for those of all its topics, some requests each.
  const filled = outputs.filter(({ rows }) => rows > 0)
  await Promise.all(filled.map(({ topic }) => registry.idOf(names.subject(physicalName(topic, run)), schemaOf(topic))))
  for (const batch of outputs) {
    const { topic, entry } = ofTopic(batch)
    if (batch.rows === 0) continue
    const { partitions } = entry
    await add(batch, own === undefined ? spread(batch, partitions) : { all: partitionOfTask(own, topic, partitions) })
  }
  for (const { batch, partition, offset } of (step.placed ?? []).flatMap((rows) => [...densePieces(rows)])) {
    if (!market && isMarket(batch.topic)) throw noRight(run, batch.topic)
    const { topic, entry, lanes } = ofTopic(batch)
    const end = endBehind(lanes.get(partition) ?? [], endOf(ledger.lane(topic, partition)))
    checkPlace({ topic, partition, offset, batch }, end, entry.partitions)
    await add(batch, { all: partition }, offset)
  }
  return { topics, step, written: clock(), ...(snapshot === undefined ? {} : { snapshot }) }
}

function noRight(run: string, topic: string): SmartspeedError {
  return new SmartspeedError('USAGE', `the writer of run ${run} was not opened to write market topics such as ${topic}`)
}
