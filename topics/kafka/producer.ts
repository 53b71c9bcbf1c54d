// A transactional producer over either wire client: one transaction at a time, and nothing in it that guesses.
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  GroupMember,
  GroupOffset,
  Outgoing,
  Partition,
  ProducerIdentity,
  WireClient,
  WireRecord,
} from './client.ts'
import { isFault, KafkaFault } from './faults.ts'

/** How long a request that was surely not carried out is sent again before it counts as failed. */
const retryMs = 20_000

export interface Transaction {
  /** Makes partitions, and a group, part of it, all in one way to the coordinator; `send` does so for those that are not yet. */
  add(partitions: readonly Partition[], group?: string): void
  /** One record batch a part; at most one part a partition. Resolves with the offset of each one's first record, when all are acknowledged. */
  send(
    parts: readonly (Partition & { readonly records: readonly WireRecord[] })[],
    timestamp: number,
  ): Promise<readonly number[]>
  /** Offsets of the member's group: refused, and the transaction with it, unless it is a member in that generation. */
  commitGroup(member: GroupMember, offsets: readonly GroupOffset[]): Promise<void>
}

export interface Producer {
  readonly id: string
  /**
   * Runs `work` in a transaction and commits it: all of it is there when resolved. `last` is called when everything was acknowledged, at the
   * last moment before the end; what it throws aborts. When it rejects the transaction was aborted, except for a fault of kind `unknown`
   * (then only a new start tells) and `fenced`.
   */
  transact(work: (transaction: Transaction) => Promise<void>, last?: () => void): Promise<void>
  /**
   * Initialises the same id anew: what was left open is ended, one way or the other, and what is still on its way from before is refused.
   * @throws KafkaFault `fenced` when somebody else took the id meanwhile, and what `confirm` throws
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

  async function transact(work: (transaction: Transaction) => Promise<void>, last?: () => void): Promise<void> {
    const owner: ProducerIdentity = identity
    const added = new Map<string, Promise<void>>()
    const pending: Promise<unknown>[] = []
    const begun = <T>(request: Promise<T>): Promise<T> => {
      request.catch(() => undefined)
      pending.push(request)
      return request
    }

    function add(partitions: readonly Partition[], group?: string): void {
      const fresh = partitions.filter((part) => !added.has(nameOf(part)))
      if (fresh.length > 0) {
        const wanted = fresh.map(({ topic, partition }) => ({ topic, partition }))
        const done = begun(again(() => client.addPartitions(owner, wanted)))
        for (const part of fresh) added.set(nameOf(part), done)
      }
      if (group === undefined || added.has(group)) return
      added.set(group, begun(again(() => client.addGroup(owner, group))))
    }

    /**
     * Also what others wait for: while the coordinator notes one of them, it answers nobody who asks whether another is part of the
     * transaction, and the broker that has to ask refuses what was sent.
     */
    async function allAdded(): Promise<void> {
      await Promise.all(added.values())
    }

    async function send(parts: Parameters<Transaction['send']>[0], timestamp: number): Promise<readonly number[]> {
      add(parts)
      await allAdded()
      const numbered: Outgoing[] = parts.map((part) => ({
        ...part,
        timestamp,
        sequence: sequences.get(nameOf(part)) ?? 0,
      }))
      const bases = await again(() => client.produce(numbered, owner))
      for (const part of numbered) sequences.set(nameOf(part), (part.sequence + part.records.length) % 2 ** 31)
      return bases
    }

    async function commitGroup(member: GroupMember, offsets: readonly GroupOffset[]): Promise<void> {
      add([], member.group)
      await allAdded()
      await again(() => client.commitGroup(owner, member, offsets))
    }

    const transaction: Transaction = {
      add,
      send: (parts, timestamp) => begun(send(parts, timestamp)),
      commitGroup: (member, offsets) => begun(commitGroup(member, offsets)),
    }

    try {
      await work(transaction)
      // A commit before every acknowledgement would leave the late ones outside (T7).
      await Promise.all(pending)
      last?.()
      if (added.size > 0) await again(() => client.endTransaction(owner, true))
    } catch (error) {
      await Promise.allSettled(pending)
      if (isFault(error, 'fenced') || isFault(error, 'unknown')) throw error
      if (added.size > 0) await abort(owner)
      throw error
    }
  }

  /**
   * Ends what is open by initialising the id anew: then no row that is still on its way can be written behind the abort, where it would
   * hold back all readers (T3), and it does not matter which numbers of what was aborted are used up on the broker.
   */
  async function abort(owner: ProducerIdentity): Promise<void> {
    try {
      await restart()
    } catch (error) {
      // The id is somebody else's, who ends it too; until then this spares readers the wait.
      if (!isFault(error)) await client.endTransaction(owner, false).catch(() => undefined)
      throw error
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
