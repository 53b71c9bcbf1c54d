// Making topics: the schema is registered, the broker's topic made, and the ledger told, in that order, so that what can be refused
// is refused before anything is there.
import { schemaOf } from '../../schemas/avro.ts'
import { checkPartitions, isMarket, nameOf } from '../embedded/names.ts'
import type { WantedTopic } from '../topics.ts'
import type { WireClient } from './client.ts'
import { type Names, topicConfigs } from './layout.ts'
import { type Ledger, ledgerRecord, type TopicEntry } from './ledger.ts'
import { persist } from './producer.ts'
import type { Registry } from './registry.ts'
import type { Reached } from './table.ts'

const saidMs = 60_000

export interface CreateContext {
  readonly client: WireClient
  readonly registry: Registry
  readonly ledger: Ledger
  readonly names: Names
  readonly replicas?: number
  readonly minIsr?: number
}

/** Errors: SCHEMA_INCOMPATIBLE, CONFIG_INVALID, and faults. The ledger is fresh before, and to be refreshed after. */
export async function createTopics(
  context: CreateContext,
  wanted: readonly WantedTopic[],
): Promise<{ created: string[]; existing: string[] }> {
  const { client, registry, ledger, names, replicas } = context
  const topics = wanted.map((one) => entryOf(one, context.minIsr))
  // Each is some requests, of which none waits for another topic's.
  const fresh = topics.filter(({ name }) => !ledger.topics.has(name))
  await Promise.all(fresh.map(({ name, entry }) => registry.idOf(names.subject(name), schemaOf(entry.record))))
  const said: Reached[] = []
  const created: string[] = []
  const existing: string[] = []
  for (const { name, entry } of topics) {
    if (ledger.topics.has(name) || created.includes(name)) {
      existing.push(name)
      continue
    }
    const request = {
      ...{ topic: names.topic(name), partitions: entry.partitions },
      ...(replicas === undefined ? {} : { replicas }),
      configs: topicConfigs(entry.retentionMs, entry.minIsr),
    }
    const [isNew] = await persist(() => client.createTopics([request]))
    // Left there by a removal, or a commit, that did not come to its end: it keeps its partitions.
    const there = isNew
      ? entry.partitions
      : (await persist(() => client.partitionsOf([names.topic(name)]))).get(names.topic(name))
    said.push(await tellLedger(context, name, { ...entry, partitions: there ?? entry.partitions }))
    created.push(name)
  }
  // Behind a transaction that is open it can be read only when that one has ended.
  await ledger.table.reach(said, saidMs)
  return { created, existing }
}

/** What the ledger says of a topic that is as wanted. @throws SmartspeedError CONFIG_INVALID */
export function entryOf(
  { record, run, partitions = 1, retentionMs }: WantedTopic,
  minIsr?: number,
): { readonly name: string; readonly entry: TopicEntry } {
  const name = nameOf(record, run)
  checkPartitions(name, partitions)
  const entry: TopicEntry = {
    ...{ record, partitions, ...(isMarket(record) ? {} : { run: run! }) },
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(minIsr === undefined ? {} : { minIsr }),
  }
  return { name, entry }
}

/** Writes a topic's entry; of a run that is not known yet also the run's. Gives the offset of the ledger behind which it is readable. */
export async function tellLedger(
  { client, ledger, names }: Pick<CreateContext, 'client' | 'ledger' | 'names'>,
  name: string,
  entry: TopicEntry,
): Promise<Reached> {
  const { run } = entry
  const records = [ledgerRecord(['topic', name], entry)]
  if (run !== undefined && !ledger.runs.has(run)) records.push(ledgerRecord(['known', run], {}))
  const partition = ledger.partitionOf(run ?? 'market')
  const part = { topic: names.ledger, partition, records, timestamp: Date.now(), sequence: 0 }
  const [offset] = await persist(() => client.produce([part]))
  return { partition, offset: offset! + records.length }
}
