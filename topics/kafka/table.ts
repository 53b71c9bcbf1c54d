// A compacted topic as a table: the last record of a key is its value. Small, read whole once, then only what is new.
import { setTimeout as sleep } from 'node:timers/promises'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { FetchedPart, ReadRecord, WireClient } from './client.ts'
import { isFault, KafkaFault } from './faults.ts'
import { persist } from './producer.ts'

const maxBytes = 2 ** 22
const stallMs = 20_000
/** Longer than the longest transaction that somebody may have left open. */
const hiddenMs = 60_000

/** An offset of a partition. */
export interface Reached {
  readonly partition: number
  readonly offset: number
}

/** How its topic is set up on the broker. */
export const tableConfigs: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'message.timestamp.type': 'LogAppendTime',
  'max.message.bytes': String(2 ** 26),
}

export interface Table {
  readonly partitions: number
  /** Takes in what was committed before this call, up to the first transaction that is open: what that one hides may be ours. */
  refresh(): Promise<void>
  /**
   * Takes in all that was written before this call, and waits for that until no transaction is open which stands before it. So who has
   * initialised its transactional id sees every commit of its own. Never inside a transaction of one's own. All partitions when none are
   * named.
   */
  catchUp(partitions?: readonly number[]): Promise<void>
  /** Takes in what stands before these offsets. @throws KafkaFault REQUEST_TIMED_OUT after `ms` */
  reach(to: readonly Reached[], ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves when something new was taken in, `wake` was called, the signal says stop, or after `ms`. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  wake(): void
  /** Another number whenever something was taken in. */
  version(): number
  close(): void
}

/**
 * Creates the topic where there is none (unless `readOnly`) and gives its number of partitions; undefined when it is not there.
 */
export async function ensureTable(
  client: WireClient,
  topic: string,
  options: { readonly partitions: number; readonly readOnly: boolean; readonly replicas?: number },
): Promise<number | undefined> {
  const look = async () => (await persist(() => client.partitionsOf([topic]))).get(topic)
  const known = await look()
  if (known !== undefined || options.readOnly) return known
  const configs = tableConfigs
  const { partitions, replicas } = options
  const size = replicas === undefined ? {} : { replicas }
  await persist(() => client.createTopics([{ topic, partitions, ...size, configs }]))
  return (await look()) ?? partitions
}

/** Reads the topic; `take` is called for each record, in the order of its partition. */
export function openTable(
  client: WireClient,
  topic: string,
  partitions: number,
  take: (record: ReadRecord, partition: number) => void,
): Table {
  const positions = new Array<number>(partitions).fill(0)
  const all = positions.map((_, partition) => ({ topic, partition }))
  const waiting = new Set<() => void>()
  let version = 0
  let closed = false
  let polling: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()

  /** Two fetches may be under way: what one has brought the other brings again, and it is passed over. */
  function apply(parts: readonly FetchedPart[]): boolean {
    let news = false
    for (const { partition, records, next } of parts) {
      for (const record of records) {
        if (record.offset < positions[partition]!) continue
        take(record, partition)
        news = true
      }
      positions[partition] = Math.max(positions[partition]!, next)
    }
    if (news) {
      version++
      wake()
    }
    return news
  }

  async function readUpToStable(): Promise<void> {
    const ends = await persist(() => client.listOffsets(all, 'stable'))
    const to = ends.map((offset, partition) => ({ partition, offset }))
    await readTo(to, { ms: stallMs, lane: 'table' })
  }

  /** The broker answers a fetch as soon as there is something, or a transaction ended. */
  async function readTo(to: readonly Reached[], of: { ms: number; lane: string; signal?: AbortSignal }): Promise<void> {
    const until = performance.now() + of.ms
    for (;;) {
      const behind = to.filter(({ partition, offset }) => positions[partition]! < offset)
      if (behind.length === 0 || of.signal?.aborted) return
      if (performance.now() > until) throw new KafkaFault('REQUEST_TIMED_OUT', `reading ${topic} up to its end`)
      const from = behind.map(({ partition }) => ({ topic, partition, offset: positions[partition]! }))
      apply(await persist(() => client.fetch(from, { waitMs: 100, maxBytes, lane: of.lane })))
    }
  }

  function wake(): void {
    for (const one of [...waiting]) one()
  }

  /** One at a time, for all who wait. */
  function poll(ms: number): Promise<void> {
    polling ??= pollOnce(ms).finally(() => {
      polling = undefined
    })
    return polling
  }

  async function pollOnce(ms: number): Promise<void> {
    try {
      const from = all.map((one) => ({ ...one, offset: positions[one.partition]! }))
      apply(await client.fetch(from, { waitMs: Math.max(1, Math.ceil(ms)), maxBytes, lane: 'wait' }))
    } catch {
      // Whoever waits looks again, by a refresh that says what is wrong.
      if (!closed) await sleep(20)
    }
  }

  return {
    partitions,
    refresh() {
      // One after the other: each begins after its call, so that it sees what was committed before.
      last = last.catch(() => undefined).then(readUpToStable)
      return last
    },
    async catchUp(partitions = positions.map((_, partition) => partition)) {
      const asked = partitions.map((partition) => ({ topic, partition }))
      const ends = await persist(() => client.listOffsets(asked, 'latest'))
      const to = ends.map((offset, i) => ({ partition: partitions[i]!, offset }))
      try {
        await readTo(to, { ms: hiddenMs, lane: `table ${partitions.join()}` })
      } catch (error) {
        if (!isFault(error) || error.id !== 'REQUEST_TIMED_OUT') throw error
        throw hanging(
          topic,
          to.filter(({ partition, offset }) => positions[partition]! < offset).map(({ partition }) => partition),
          error,
        )
      }
    },
    async reach(to, ms, signal) {
      const lane = `table ${to.map(({ partition }) => partition).join()}`
      await readTo(to, { ms, lane, ...(signal === undefined ? {} : { signal }) })
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          waiting.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        waiting.add(done)
        if (signal?.aborted || closed) return done()
        signal?.addEventListener('abort', done)
        poll(ms).then(done)
      })
    },
    wake,
    version: () => version,
    close() {
      closed = true
      wake()
    },
  }
}

/** Longer than any transaction of ours may take: the broker has forgotten to end one. */
function hanging(topic: string, partitions: readonly number[], cause: KafkaFault): SmartspeedError {
  const where = `${topic}, partition ${partitions.join(', ')}`
  return new SmartspeedError(
    'SERVICE_LOST',
    `a transaction that does not end hides what was committed behind it in ${where}`,
    {
      cause,
      fix: 'if it stays so: kafka-transactions.sh --bootstrap-server … find-hanging names it, and abort ends it (docs/kafka.md)',
    },
  )
}
