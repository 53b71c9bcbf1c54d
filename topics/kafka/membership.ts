// The members of a run share its tasks.
import { SmartspeedError } from '../../schemas/errors.ts'
import { checkTasks, notOwned } from '../tasks.ts'
import type { JoinOptions, Membership } from '../topics.ts'
import { type Leases, newSession } from './lease.ts'

export interface Members {
  /** @throws SmartspeedError LEASE_HELD, CONFIG_INVALID */
  join(options: JoinOptions): Promise<Membership>
  /** How many tasks a run has, where this process has joined it. */
  tasksOf(run: string): number | undefined
  close(): Promise<void>
}

export function openMembers({ leases }: { readonly leases: Leases }): Members {
  const joined = new Map<string, { readonly tasks: number; leave(): Promise<void> }>()

  return {
    async join({ run, tasks, changed }) {
      checkTasks(run, tasks)
      if (joined.has(run)) throw new SmartspeedError('LEASE_HELD', `this process has joined run ${run} already`)
      const session = newSession()
      await leases.take(run, run, session)
      let owned: readonly number[] = Array.from({ length: tasks }, (_, task) => task)
      const tell = () => changed(owned, { lost: false, outranked: false, member })
      const end = async () => {
        joined.delete(run)
        await leases.release(run, session)
      }
      const member: Membership = {
        get tasks() {
          return owned
        },
        async confirm(task) {
          if (!owned.includes(task) || !(await leases.isMine(run, session))) throw notOwned(run, task)
        },
        async leave() {
          if (owned.length === 0) return
          owned = []
          await tell().finally(end)
        },
      }
      joined.set(run, { tasks, leave: () => member.leave() })
      await tell().catch(async (error: unknown) => {
        owned = []
        await end()
        throw error
      })
      return member
    },
    tasksOf: (run) => joined.get(run)?.tasks,
    async close() {
      for (const one of [...joined.values()]) await one.leave()
    },
  }
}
