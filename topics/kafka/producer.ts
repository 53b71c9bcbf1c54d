// A transactional producer over either wire client: one transaction at a time, and nothing in it that guesses.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outgoing, Partition, ProducerIdentity, WireClient, WireRecord } from './client.ts'
import { isFault, KafkaFault } from './faults.ts'

/** How long a request that was surely not carried out is sent again before it counts as failed. */
const retryMs = 20_000

export interface Transaction {
  /** One record batch a part; at most one part a partition. Resolves with the offset of each one's first record, when all are acknowledged. */
  send(
    parts: readonly (Partition & { readonly records: readonly WireRecord[] })[],
    timestamp: number,
  ): Promise<readonly number[]>
}

export interface Producer {
  readonly id: string
  /**
   * Runs `work` in a transaction and commits it: all of it is there when resolved. When it rejects the transaction was aborted,
   * except for a fault of kind `unknown` (then only a new start tells) and `fenced`.
   */
  transact(work: (transaction: Transaction) => Promise<void>): Promise<void>
  /**
   * Initialises the same id anew after an unknown outcome: what was left open is ended, one way or the other.
   * @throws KafkaFault `fenced` when somebody else took the id meanwhile
   */
  restart(): Promise<void>
}

/**
 * Takes the transactional id: who had it before can commit nothing any more. `confirm` is asked before the id is taken again, and
 * throws when it belongs to somebody else by now.
 *
 * @throws KafkaFault
 */
export async function openProducer(
  client: WireClient,
  id: string,
  timeoutMs: number,
  confirm: () => Promise<void> = async () => undefined,
): Promise<Producer> {
  let identity = await again(() => client.initProducer(id, timeoutMs))
  let sequences = new Map<string, number>()

  async function transact(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const owner: ProducerIdentity = identity
    const added = new Set<string>()
    let pending: Promise<unknown>[] = []

    async function send(
      parts: readonly (Partition & { readonly records: readonly WireRecord[] })[],
      timestamp: number,
    ): Promise<readonly number[]> {
      const fresh = parts.filter((part) => !added.has(nameOf(part)))
      if (fresh.length > 0) {
        await again(() =>
          client.addPartitions(
            owner,
            fresh.map(({ topic, partition }) => ({ topic, partition })),
          ),
        )
        for (const part of fresh) added.add(nameOf(part))
      }
      const numbered: Outgoing[] = parts.map((part) => ({
        ...part,
        timestamp,
        sequence: sequences.get(nameOf(part)) ?? 0,
      }))
      const sent = again(() => client.produce(numbered, owner))
      pending.push(sent)
      const bases = await sent
      for (const part of numbered) sequences.set(nameOf(part), (part.sequence + part.records.length) % 2 ** 31)
      return bases
    }

    try {
      await work({ send })
      // A commit before every acknowledgement would leave the late ones outside (T7).
      await Promise.all(pending)
    } catch (error) {
      await Promise.allSettled(pending)
      pending = []
      if (isFault(error, 'fenced') || isFault(error, 'unknown')) throw error
      if (added.size > 0) await abort(owner)
      throw error
    }
    if (added.size > 0) await again(() => client.endTransaction(owner, true))
  }

  async function abort(owner: ProducerIdentity): Promise<void> {
    try {
      await again(() => client.endTransaction(owner, false))
    } catch (error) {
      if (isFault(error, 'fenced')) throw error
    } finally {
      // Numbers of what was aborted are used up on the broker or not: a new epoch makes it not matter.
      await restart()
    }
  }

  async function restart(): Promise<void> {
    await confirm()
    identity = await again(() => client.initProducer(id, timeoutMs, identity))
    sequences = new Map()
  }

  return { id, transact, restart }
}

/** Sends a request again while the broker says that it was not carried out. */
export async function again<T>(request: () => Promise<T>, forMs = retryMs): Promise<T> {
  const until = performance.now() + forMs
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 200)) {
    try {
      return await request()
    } catch (error) {
      if (!isFault(error, 'retriable') || performance.now() + waitMs > until) throw error
    }
    await sleep(waitMs)
  }
}

/** The same for what may be asked twice without harm: also when no answer came. */
export async function persist<T>(request: () => Promise<T>, forMs = retryMs): Promise<T> {
  return again(async () => {
    try {
      return await request()
    } catch (error) {
      if (isFault(error, 'unknown')) throw new KafkaFault('BROKER_NOT_AVAILABLE', error.message, error)
      throw error
    }
  }, forMs)
}

function nameOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}
