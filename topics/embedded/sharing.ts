// Who shares a run: its member and the writers of its tasks have one lease and one writer, from the first of them to the last.
import { SmartspeedError } from '../../schemas/errors.ts'
import { checkTasks, notOwned, refuseMarket, stepOfTask } from '../tasks.ts'
import type { JoinOptions, Membership, TaskClaim, Writer } from '../topics.ts'
import type { RunWriter } from './writer.ts'

export interface Sharing {
  /** @throws SmartspeedError USAGE, LEASE_HELD, and what `confirm` throws */
  writer(options: { readonly run: string; readonly market?: boolean; readonly task: TaskClaim }): Promise<Writer>
  /** @throws SmartspeedError LEASE_HELD, CONFIG_INVALID */
  join(options: JoinOptions): Promise<Membership>
  close(): Promise<void>
}

interface Share {
  readonly writer: RunWriter
  holders: number
  /** Said by the member. */
  tasks: number | undefined
}

/** `open` takes the lease of a run. */
export function sharing(open: (run: string) => RunWriter): Sharing {
  const shares = new Map<string, Share>()
  const held = new Set<{ close(): Promise<void> }>()

  function take(run: string): Share {
    const share = shares.get(run) ?? { writer: open(run), holders: 0, tasks: undefined }
    shares.set(run, share)
    share.holders++
    return share
  }

  async function give(run: string, share: Share): Promise<void> {
    if (--share.holders > 0) return
    shares.delete(run)
    await share.writer.close()
  }

  return {
    async writer({ run, market, task: claim }) {
      refuseMarket({ run, ...(market === undefined ? {} : { market }) }, claim.task)
      const share = take(run)
      try {
        await claim.confirm()
      } catch (error) {
        await give(run, share)
        throw error
      }
      let closed = false
      let last: Promise<unknown> = Promise.resolve()
      const writer: Writer = {
        run,
        async commit(step) {
          if (closed) throw new SmartspeedError('USAGE', `the writer of task ${claim.task} of run ${run} is closed`)
          const at = { task: claim.task, partition: claim.partition, tasks: share.tasks }
          const done = share.writer.commit(stepOfTask(step, at), at)
          last = done.catch(() => undefined)
          return done
        },
        async close() {
          if (closed) return
          closed = true
          held.delete(writer)
          await last
          await give(run, share)
        },
      }
      held.add(writer)
      return writer
    },

    async join({ run, tasks, changed }) {
      checkTasks(run, tasks)
      if (shares.get(run)?.tasks !== undefined) {
        throw new SmartspeedError('LEASE_HELD', `this process has joined run ${run} already`)
      }
      const share = take(run)
      share.tasks = tasks
      let owned: readonly number[] = Array.from({ length: tasks }, (_, task) => task)
      const tell = () => changed(owned, { lost: false, outranked: false, member })
      const end = async () => {
        share.tasks = undefined
        held.delete(member)
        await give(run, share)
      }
      const member: Membership & { close(): Promise<void> } = {
        get tasks() {
          return owned
        },
        async confirm(task) {
          if (!owned.includes(task)) throw notOwned(run, task)
        },
        async leave() {
          if (!held.has(member) || owned.length === 0) return
          owned = []
          await tell().finally(end)
        },
        close: () => member.leave(),
      }
      held.add(member)
      await tell().catch(async (error: unknown) => {
        owned = []
        await end()
        throw error
      })
      return member
    },

    async close() {
      for (const one of [...held]) await one.close()
    },
  }
}
