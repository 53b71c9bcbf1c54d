// The right to write: by the lease of a run (and of the market), or by owning a task. Either comes with a transactional id, so
// whoever takes it shuts out who had it before.
import { refuseMarket, type TaskPlace } from '../tasks.ts'
import type { TaskClaim } from '../topics.ts'
import type { GroupMember, Partition, WireClient } from './client.ts'
import { KafkaFault } from './faults.ts'
import type { Names } from './layout.ts'
import { type Leases, newSession } from './lease.ts'
import type { Members } from './membership.ts'
import { openProducer } from './producer.ts'

export interface Right {
  readonly run: string
  readonly market: boolean
  /** What only one has at a time: the broker refuses who had it before. */
  readonly transactionalId: string
  /** Tells its commits from those of whoever has the right next. */
  readonly session: string
  readonly task: TaskPlace | undefined
  /** After so long the broker ends a transaction that its process left open. */
  readonly transactionMs: number
  /** What each commit says to the group of the task's members, which refuses it from one that is none in its current generation. */
  readonly seat: { readonly place: Partition; self(): GroupMember } | undefined
  /** Asked before the transactional id is taken, and taken again; throws when the right is somebody else's by now. */
  confirm(): Promise<void>
  /** The last word before a commit: throws when it is known here already that the right is gone. @throws SmartspeedError LEASE_HELD */
  demand(): void
  release(): Promise<void>
}

interface Context {
  readonly client: WireClient
  readonly leases: Leases
  readonly members: Members
  readonly names: Names
}

/** A writer that holds a lease commits in milliseconds: what its process leaves open is ended after so long. */
const transactionMs = 10_000

/** Takes the leases. @throws SmartspeedError LEASE_HELD; KafkaFault */
export async function rightByLease(
  { client, leases, members, names }: Context,
  { run, market }: { readonly run: string; readonly market: boolean },
): Promise<Right> {
  const session = newSession()
  await leases.take(run, run, session)
  try {
    await members.demandNone(run)
    if (market) {
      const { dead } = await leases.take('market', run, session)
      // A holder that died may have left a transaction open in the market's topics, or not be dead at all.
      if (dead !== undefined && dead.run !== run && !(await leases.isHeld(dead.run))) {
        await openProducer(client, names.writer(dead.run), transactionMs)
      }
    }
  } catch (error) {
    await leases.release(run, session)
    throw error
  }
  return {
    ...{ run, market, session, task: undefined, seat: undefined, transactionMs },
    transactionalId: names.writer(run),
    async confirm() {
      for (const name of market ? [run, 'market'] : [run]) {
        if (!(await leases.isMine(name, session))) throw new KafkaFault('PRODUCER_FENCED', `the lease of ${name}`)
      }
    },
    demand() {},
    async release() {
      if (market) await leases.release('market', session)
      await leases.release(run, session)
    },
  }
}

/** Takes no lease: the task is its member's. Without a member in this process the claim alone decides. @throws SmartspeedError USAGE, LEASE_HELD */
export function rightByTask(
  { members, names }: Context,
  options: {
    readonly run: string
    readonly market: boolean
    readonly claim: TaskClaim
    readonly transactionMs: number
  },
): Right {
  const { run, claim, transactionMs } = options
  const { task, partition } = claim
  refuseMarket(options, task)
  const own = members.ownership(run, partition)
  return {
    ...{ run, market: false, session: newSession(), transactionMs },
    transactionalId: names.task(run, task),
    task: { task, partition, tasks: own?.tasks },
    seat: own === undefined ? undefined : { place: own.seat, self: own.self },
    async confirm() {
      await claim.confirm()
      await own?.confirm()
    },
    demand: () => own?.demand(),
    release: async () => undefined,
  }
}
