// The right to write: by the lease of a run (and of the market), or by owning a task. Either comes with a transactional id, so
// whoever takes it shuts out who had it before.
import { refuseMarket, type TaskPlace } from '../tasks.ts'
import type { TaskClaim } from '../topics.ts'
import type { WireClient } from './client.ts'
import { KafkaFault } from './faults.ts'
import type { Names } from './layout.ts'
import { type Leases, newSession } from './lease.ts'
import { openProducer } from './producer.ts'

export interface Right {
  readonly run: string
  readonly market: boolean
  /** What only one has at a time: the broker refuses who had it before. */
  readonly transactionalId: string
  /** Tells its commits from those of whoever has the right next. */
  readonly session: string
  readonly task: TaskPlace | undefined
  /** Asked before the transactional id is taken, and taken again; throws when the right is somebody else's by now. */
  confirm(): Promise<void>
  release(): Promise<void>
}

interface Context {
  readonly client: WireClient
  readonly leases: Leases
  readonly names: Names
}

/** Takes the leases. @throws SmartspeedError LEASE_HELD; KafkaFault */
export async function rightByLease(
  { client, leases, names }: Context,
  { run, market, transactionMs }: { readonly run: string; readonly market: boolean; readonly transactionMs: number },
): Promise<Right> {
  const session = newSession()
  await leases.take(run, run, session)
  try {
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
    ...{ run, market, session, task: undefined },
    transactionalId: names.writer(run),
    async confirm() {
      for (const name of market ? [run, 'market'] : [run]) {
        if (!(await leases.isMine(name, session))) throw new KafkaFault('PRODUCER_FENCED', `the lease of ${name}`)
      }
    },
    async release() {
      if (market) await leases.release('market', session)
      await leases.release(run, session)
    },
  }
}

/** Takes no lease: the task is its member's. @throws SmartspeedError USAGE */
export function rightByTask(
  { names }: Context,
  options: {
    readonly run: string
    readonly market: boolean
    readonly claim: TaskClaim
    readonly tasks: number | undefined
  },
): Right {
  const { run, claim, tasks } = options
  const { task, partition } = claim
  refuseMarket(options, task)
  return {
    ...{ run, market: false, session: newSession() },
    transactionalId: names.task(run, task),
    task: { task, partition, tasks },
    confirm: claim.confirm,
    release: async () => undefined,
  }
}
