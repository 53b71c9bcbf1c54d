// The members of runs in this process: who shares the tasks of a run, and by which right a task is written.
import { SmartspeedError } from '../../schemas/errors.ts'
import { checkTasks, notOwned } from '../tasks.ts'
import type { JoinOptions, Membership } from '../topics.ts'
import type { GroupMember, Partition, WireClient } from './client.ts'
import { KafkaFault } from './faults.ts'
import type { Names } from './layout.ts'
import type { Leases } from './lease.ts'
import { joinGroup, type Member } from './member.ts'
import { persist } from './producer.ts'

/** A task that a member of this process was given, this one time. */
export interface Ownership {
  /** How many tasks the run has. */
  readonly tasks: number
  /** What a commit says to the group: a place in it that only a member of the current generation may write. */
  readonly seat: Partition
  /** How the member names itself to the broker now. */
  self(): GroupMember
  /** @throws SmartspeedError LEASE_HELD when it is not given any more; KafkaFault */
  confirm(): Promise<void>
  /** The same without asking the broker. @throws SmartspeedError LEASE_HELD */
  demand(): void
}

export interface Members {
  /** @throws SmartspeedError LEASE_HELD, CONFIG_INVALID; KafkaFault */
  join(options: JoinOptions): Promise<Membership>
  /** Undefined where this process has not joined the run. @throws SmartspeedError LEASE_HELD when the task is another member's */
  ownership(run: string, task: number): Ownership | undefined
  /** @throws SmartspeedError LEASE_HELD while the tasks of a run have members, here or elsewhere; KafkaFault */
  demandNone(run: string): Promise<void>
  /** Whether they have. @throws KafkaFault */
  any(run: string): Promise<boolean>
  close(): Promise<void>
}

export interface MembersContext {
  readonly client: WireClient
  readonly leases: Leases
  readonly names: Names
  readonly replicas?: number
  /** After so long without a sign of life a member has lost its tasks. */
  readonly sessionMs: number
}

export function openMembers({ client, leases, names, replicas, sessionMs }: MembersContext): Members {
  const joined = new Map<string, { readonly tasks: number; member?: Member }>()
  const times = { sessionMs, heartbeatMs: sessionMs / 10, rebalanceMs: 2 * sessionMs }

  /** The empty topic that stands for the tasks. @throws SmartspeedError CONFIG_INVALID when the run has another number of them */
  async function makeTasks(run: string, tasks: number): Promise<void> {
    const topic = names.tasks(run)
    const size = replicas === undefined ? {} : { replicas }
    const configs = { 'cleanup.policy': 'delete' }
    const [isNew] = await persist(() => client.createTopics([{ topic, partitions: tasks, ...size, configs }]))
    if (isNew) return
    const there = await persist(async () => {
      const count = (await client.partitionsOf([topic])).get(topic)
      // Another member is making it at this moment.
      if (count === undefined) throw new KafkaFault('UNKNOWN_TOPIC_OR_PARTITION', `looking for ${topic}`)
      return count
    })
    if (there === tasks) return
    throw new SmartspeedError('CONFIG_INVALID', `run ${run} has ${there} tasks; it cannot go on with ${tasks}`, {
      fix: `say --tasks ${there}, or begin it anew under another --name`,
    })
  }

  return {
    async join({ run, tasks, rank = 0, changed }) {
      checkTasks(run, tasks)
      if (joined.has(run)) throw new SmartspeedError('LEASE_HELD', `this process has joined run ${run} already`)
      const entry: { readonly tasks: number; member?: Member } = { tasks }
      joined.set(run, entry)
      /** Before it has joined it owns nothing. */
      const owner = () => {
        if (entry.member === undefined) throw notOwned(run, -1)
        return entry.member
      }
      const membership: Membership = {
        get tasks() {
          return entry.member?.tasks ?? []
        },
        async confirm(task) {
          await owner().confirm(task)
        },
        async leave() {
          try {
            await entry.member?.leave()
          } finally {
            joined.delete(run)
          }
        },
      }
      try {
        // Whoever writes the run by its lease would not be in the group: of two that come at once, at least one sees the other.
        await leases.demandFree(run)
        await makeTasks(run, tasks)
        await joinGroup({
          ...{ client, run, tasks, rank, times },
          group: names.group(run),
          topic: names.tasks(run),
          admit: () => leases.demandFree(run),
          joined(member) {
            entry.member = member
          },
          changed: (tasks, how) => changed(tasks, { ...how, member: membership }),
        })
      } catch (error) {
        joined.delete(run)
        throw error
      }
      return membership
    },

    ownership(run, task) {
      const { member, tasks } = joined.get(run) ?? {}
      if (tasks === undefined) return undefined
      const number = member?.ownership(task)
      if (member === undefined || number === undefined) throw notOwned(run, task)
      return {
        ...{ tasks, seat: { topic: names.tasks(run), partition: task } },
        self: () => member.self,
        confirm: () => member.confirm(task, number),
        demand: () => member.demand(task, number),
      }
    },

    async demandNone(run) {
      const members = await persist(() => client.membersOf(names.group(run)))
      if (members.length === 0) return
      throw new SmartspeedError('LEASE_HELD', `the tasks of run ${run} are shared by ${members.length} members`, {
        fix: `wait until they are done, or stop them; one that was killed counts for ${sessionMs / 1000} s more`,
      })
    },

    async any(run) {
      return (await persist(() => client.membersOf(names.group(run)))).length > 0
    },

    async close() {
      for (const { member } of [...joined.values()]) await member?.leave()
      joined.clear()
    },
  }
}
