// What of a topic is otherwise than it was made, or than it is asked for: an administrator, another program or another version of this
// one may have changed it. What can be changed back is.
import { isDeepStrictEqual } from 'node:util'
import { type AvroSchema, schemaOf } from '../../schemas/avro.ts'
import type { RecordName } from '../../schemas/records.generated.ts'
import { incompatibility } from '../../schemas/versions.ts'
import type { Drift, WantedTopic } from '../topics.ts'
import { type CreateContext, entryOf, tellLedger } from './create.ts'
import { topicConfigs } from './layout.ts'
import type { TopicEntry } from './ledger.ts'
import { persist } from './producer.ts'
import { tableConfigs } from './table.ts'

/**
 * Each setting that differs; of topics that are there. Without `wanted`: of all of them, against what they were made as, and of the
 * engine's own two. With `mend`, only what could not be changed is left. The ledger is fresh before, and to be refreshed after.
 */
export async function driftOf(
  context: CreateContext,
  { wanted, mend = false }: { readonly wanted?: readonly WantedTopic[]; readonly mend?: boolean },
): Promise<Drift[]> {
  const { ledger, names } = context
  const asked =
    wanted?.map((one) => entryOf(one, context.minIsr)) ?? [...ledger.topics].map(([name, entry]) => ({ name, entry }))
  const found: Drift[] = []
  for (const { name, entry } of asked.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const made = ledger.topics.get(name)
    if (made === undefined) continue
    const partitions = await partitionsDrift(context, name, entry)
    if (partitions !== undefined) found.push(partitions)
    if (partitions?.setting === 'topic') continue
    const settings = await settingsDrift(context, names.topic(name), topicConfigs(entry.retentionMs, entry.minIsr))
    found.push(...settings.map((one) => ({ ...one, topic: name })), ...retentionDrift(name, made, entry, settings))
    const schema = await schemaDrift(context, name, entry.record)
    if (schema !== undefined) found.push(schema)
    if (mend) await mendTopic(context, name, { made, entry, settings, schema })
  }
  if (wanted === undefined) {
    for (const topic of [names.ledger, names.leases]) {
      const settings = await settingsDrift(context, topic, tableConfigs)
      found.push(...settings)
      if (mend && settings.length > 0) await persist(() => context.client.alterConfigs(topic, configsOf(settings)))
    }
  }
  return mend ? found.filter(({ mendable }) => !mendable) : found
}

async function partitionsDrift(
  { client, names }: CreateContext,
  topic: string,
  { partitions }: TopicEntry,
): Promise<Drift | undefined> {
  const there = (await persist(() => client.partitionsOf([names.topic(topic)]))).get(names.topic(topic))
  if (there === partitions) return undefined
  if (there === undefined) return { topic, setting: 'topic', is: 'deleted', wanted: 'there', mendable: false }
  return { topic, setting: 'partitions', is: String(there), wanted: String(partitions), mendable: false }
}

async function settingsDrift(
  { client }: CreateContext,
  topic: string,
  wanted: Readonly<Record<string, string>>,
): Promise<Drift[]> {
  const is = await persist(() => client.describeConfigs(topic))
  return Object.entries(wanted).flatMap(([setting, value]) =>
    is[setting] === value ? [] : [{ topic, setting, is: is[setting] ?? '', wanted: value, mendable: true }],
  )
}

/** What `retain` goes by, where the broker does not say it already. */
function retentionDrift(topic: string, made: TopicEntry, wanted: TopicEntry, settings: readonly Drift[]): Drift[] {
  if (made.retentionMs === wanted.retentionMs || settings.some(({ setting }) => setting === 'retention.ms')) return []
  const text = (ms: number | undefined) => String(ms ?? -1)
  return [{ topic, setting: 'retention', is: text(made.retentionMs), wanted: text(wanted.retentionMs), mendable: true }]
}

async function schemaDrift(
  { registry, names }: CreateContext,
  topic: string,
  record: RecordName,
): Promise<Drift | undefined> {
  const latest = await registry.latest(names.subject(topic))
  const own = schemaOf(record)
  if (isDeepStrictEqual(latest, own)) return undefined
  const wanted = `schemas/${record}.avsc`
  if (latest === undefined) return { topic, setting: 'schema', is: 'not registered', wanted, mendable: true }
  const why = incompatibility(own, latest as AvroSchema, record)
  const is = why === undefined ? 'another one, which ours can read' : `another one, which ours cannot read: ${why}`
  return { topic, setting: 'schema', is, wanted, mendable: why === undefined }
}

async function mendTopic(
  context: CreateContext,
  name: string,
  found: { made: TopicEntry; entry: TopicEntry; settings: readonly Drift[]; schema: Drift | undefined },
): Promise<void> {
  const { client, registry, names } = context
  const { made, entry, settings, schema } = found
  if (settings.length > 0) await persist(() => client.alterConfigs(names.topic(name), configsOf(settings)))
  const told = { ...entry, partitions: made.partitions }
  if (!isDeepStrictEqual(made, told)) await tellLedger(context, name, told)
  if (schema?.mendable) await registry.registerAnew(names.subject(name), schemaOf(entry.record))
}

function configsOf(settings: readonly Drift[]): Record<string, string> {
  return Object.fromEntries(settings.map(({ setting, wanted }) => [setting, wanted]))
}
