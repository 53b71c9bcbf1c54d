// The topics, in the order that ranks rows of equal receive time (DESIGN §4 and §5). A new record type is one line here.
import { namedIn } from './errors.ts'
import type { RecordName } from './records.generated.ts'

export interface Topic {
  readonly name: RecordName
  /** Whose the rows are: shared by all, or of one run. */
  readonly scope: 'market' | 'run'
  /** What rows are kept in order by, and spread over partitions by. */
  readonly key: readonly string[]
  /** Fields besides the key that rows of equal time stand in order by: what tells apart those who write them, so that it does not matter who does. */
  readonly apart?: readonly string[]
  /** Kept how long, in ms since writing, on live feeds; undefined: for ever. */
  readonly retentionMs: number | undefined
  /** On Kafka, when it is made with all others: many where rows of instruments are spread, so that as many tasks can share them. */
  readonly partitions: number
}

const hour = 3_600_000
const live = 48 * hour
const instrument = ['exchange', 'symbol']
const spread = 6

const market = (name: RecordName, key: readonly string[] = instrument): Topic => ({
  ...{ name, scope: 'market', key, retentionMs: live, partitions: spread },
})
/** Rows that every task reads, of which there are few. */
const small = (name: RecordName, retentionMs: number | undefined, key: readonly string[] = instrument): Topic => ({
  ...{ name, scope: 'market', key, retentionMs, partitions: 1 },
})
const ofRun = (name: RecordName, key: readonly string[] = instrument, apart: readonly string[] = []): Topic => ({
  ...{ name, scope: 'run', key, apart, retentionMs: undefined, partitions: 1 },
})

export const catalogue: readonly Topic[] = [
  small('instruments', undefined),
  small('clocks', undefined, ['exchange', 'connection']),
  ofRun('commands', ['account']),
  market('trades'),
  market('quotes'),
  market('books'),
  market('funding'),
  market('marks'),
  market('interest'),
  market('liquidations'),
  market('candles', ['exchange', 'symbol', 'interval']),
  small('heartbeats', live, ['exchange', 'connection']),
  ofRun('bars', ['exchange', 'symbol', 'interval']),
  ofRun('features'),
  ofRun('regimes'),
  ofRun('predictions'),
  ofRun('signals', ['strategy', 'symbol'], ['account']),
  ofRun('orders', ['account']),
  ofRun('executions', ['account']),
  ofRun('positions', ['account', 'symbol']),
  ofRun('accounts', ['account']),
  ofRun('risk-events', ['account']),
  ofRun('health', ['component']),
  ofRun('alerts', ['account']),
  small('dead-letters', 7 * 24 * hour, ['source']),
  ofRun('audit', ['deployment']),
  ofRun('journal', ['run', 'task']),
  ofRun('snapshots', ['run', 'task']),
  ofRun('trials', ['strategy']),
]

const ranks = new Map(catalogue.map((topic, rank) => [topic.name, rank]))

/** Position of a topic in the order rule of DESIGN §5. */
export function rankOf(name: RecordName): number {
  return ranks.get(name)!
}

/** The topic of that name. @throws SmartspeedError UNKNOWN_NAME */
export function topicOf(name: string): Topic {
  return namedIn(catalogue, { kind: 'topic', name })
}

/** `market.trades`, or `<run>.orders`: what the topic is called in an engine. */
export function physicalName(name: RecordName, run?: string): string {
  return topicOf(name).scope === 'market' ? `market.${name}` : `${run}.${name}`
}

/** The topic that a physical name stands for. */
export function topicNamed(physical: string): Topic {
  return topicOf(physical.slice(physical.lastIndexOf('.') + 1))
}
