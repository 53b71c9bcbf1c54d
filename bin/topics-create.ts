// The topics of the market on Kafka, as the catalogue says, and what of those that are there is otherwise.
import { catalogue, topicOf } from '../schemas/catalogue.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import type { Drift, Topics, WantedTopic } from '../topics/topics.ts'
import type { CreateFlags } from './commands/topics.ts'
import { engineOptions, type GlobalOptions, parseWhole, type Where, withTopics } from './options.ts'

export interface DriftLine {
  readonly topic: string
  readonly setting: string
  readonly is: string
  readonly wanted: string
  /** The command that mends it, or what to do where none can. */
  readonly fix: string
}

export interface Created {
  readonly created: readonly string[]
  readonly existing: readonly string[]
  /** What of those that were there is otherwise than asked for. */
  readonly drift: readonly DriftLine[]
}

/** Errors: CONFIG_INVALID, UNKNOWN_NAME, SCHEMA_INCOMPATIBLE, and what the engine says. */
export async function createCatalogue(flags: CreateFlags): Promise<Created> {
  const wanted = wantedTopics(flags)
  if (flags.engine !== 'kafka') {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `topics create makes topics of the kafka engine, not of ${flags.engine}`,
      {
        fix: 'add --engine kafka; the embedded log makes its topics as they are written',
      },
    )
  }
  const size = {
    ...(flags.replicas === undefined ? {} : { replicas: parseWhole('--replicas', flags.replicas, 1, 32_767) }),
    ...(flags.minIsr === undefined ? {} : { minIsr: parseWhole('--min-isr', flags.minIsr, 1, 32_767) }),
  }
  if ((size.minIsr ?? 1) > (size.replicas ?? size.minIsr ?? 1)) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `--min-isr ${size.minIsr} of ${size.replicas} copies can never be met`,
      {
        fix: `--min-isr ${size.replicas} at most`,
      },
    )
  }
  const { openTopics } = await import('../topics/index.ts')
  const topics = await openTopics({ ...engineOptions(flags), ...size })
  try {
    const { created, existing } = await topics.create(wanted)
    const drift = await driftIn(topics, { wanted, mend: flags.mend === true })
    return { created, existing, drift: drift.map((one) => ({ ...shown(one), fix: fixOf(one, askedAgain(flags)) })) }
  } finally {
    await topics.close()
  }
}

/** What is not as it was made; with `mend`, what of it cannot be changed back. Errors: NO_DATA, and what the engine says. */
export async function lookForDrift(options: GlobalOptions & { readonly mend?: boolean }): Promise<DriftLine[]> {
  const { mend = false } = options
  const drift = await withTopics(options, (topics) => driftIn(topics, { mend }))
  return drift.map((one) => ({ ...shown(one), fix: fixOf(one, `${command(options, 'topics')} --drift --mend`) }))
}

export function createdText({ created, existing, drift }: Created): string {
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
  return [`created: ${list(created)}`, `there already: ${list(existing)}`, ...driftText(drift)].join('\n')
}

export function driftText(drift: readonly DriftLine[]): string[] {
  return drift.flatMap(({ topic, setting, is, wanted, fix }) => [
    `! ${topic}: ${setting} is ${is}, not ${wanted}`,
    `    ${fix}`,
  ])
}

async function driftIn(topics: Topics, options: { wanted?: readonly WantedTopic[]; mend: boolean }) {
  return (await topics.drift?.(options)) ?? []
}

function shown({ topic, setting, is, wanted }: Drift): Omit<DriftLine, 'fix'> {
  return { topic, setting, is, wanted }
}

function fixOf({ setting, mendable }: Drift, mend: string): string {
  if (mendable) return mend
  switch (setting) {
    case 'topic':
      return 'its rows are gone; import them again under another --prefix, or from a mirror'
    case 'partitions':
      return 'partitions of a topic never change: make topics under another --prefix, and copy the rows with smartspeed mirror'
    default:
      return 'rows of both could not be read: give a new field a default, keep old types and symbols (schemas/versions/README.md)'
  }
}

/** The command line that asks for the same, and changes what is there. */
function askedAgain(flags: CreateFlags): string {
  const { partitions, replicas, minIsr, topics, keep } = flags
  const more = { partitions, replicas, 'min-isr': minIsr, topics, keep: keep === 'live' ? undefined : keep }
  const said = Object.entries(more).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))
  return [command(flags, 'topics create'), ...said, '--mend'].join(' ')
}

/** As it would be typed again where brokers and users come from the environment or smartspeed.yaml. */
function command({ prefix }: Where, name: string): string {
  return `npx smartspeed ${name} --engine kafka${prefix === undefined ? '' : ` --prefix ${prefix}`}`
}

function wantedTopics({ partitions, topics, keep }: CreateFlags): WantedTopic[] {
  const market = catalogue.filter(({ scope }) => scope === 'market')
  const names = topics?.split(',').map((one) => one.trim().replace(/^market\./, ''))
  const all = market.map(({ name }) => name)
  for (const name of names ?? []) {
    if (!all.some((one) => one === name)) throw unknownName('topic of the market', name, all)
  }
  const spread = partitions === undefined ? undefined : parseWhole('--partitions', partitions, 1, 4096)
  return market
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(({ name, partitions }) => {
      const retentionMs = keptMs(keep ?? 'live', topicOf(name).retentionMs)
      return {
        ...{ record: name, partitions: partitions > 1 ? (spread ?? partitions) : partitions },
        ...(retentionMs === undefined ? {} : { retentionMs }),
      }
    })
}

function keptMs(keep: string, live: number | undefined): number | undefined {
  if (keep === 'live') return live
  if (keep === 'forever') return undefined
  const hours = /^(\d{1,7})h$/.exec(keep)?.[1]
  // Instruments and clocks stay: rows cannot be read without them.
  if (hours !== undefined && Number(hours) > 0) return live === undefined ? undefined : Number(hours) * 3_600_000
  throw new SmartspeedError('CONFIG_INVALID', `--keep "${keep}" is no time; allowed: live, forever, or hours: 720h`)
}
