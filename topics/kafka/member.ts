// One member of a group whose partitions are tasks. It keeps what it owns while the group is shared out anew; what it must give up it
// finishes first, and joins again; what it lost without knowing it drops at once. Every word of it to the broker names the generation
// that it believes in, so one that slept through a change is refused whatever it says.
import { setTimeout as sleep } from 'node:timers/promises'
import type { SmartspeedError } from '../../schemas/errors.ts'
import { notOwned } from '../tasks.ts'
import type { TasksChange } from '../topics.ts'
import { assign, packApplication, packAssignment, unpackApplication, unpackAssignment } from './assignment.ts'
import type { GroupMember, JoinedGroup, WireClient } from './client.ts'
import { isFault, type KafkaFault, sayFault } from './faults.ts'
import { persist } from './producer.ts'

/** The assignor: members of one group must mean the same. */
const protocol = 'smartspeed-sticky-1'
const retryMs = 100

export interface MemberOptions {
  readonly client: WireClient
  readonly run: string
  readonly group: string
  /** The empty topic whose partitions are the tasks. */
  readonly topic: string
  readonly tasks: number
  readonly rank: number
  readonly times: MemberTimes
  /** Asked once, when it has joined and before it is told anything: throws when it may not be here. */
  readonly admit: () => Promise<void>
  /** Called once, before `changed`. */
  readonly joined: (member: Member) => void
  readonly changed: (tasks: readonly number[], how: Omit<TasksChange, 'member'>) => Promise<void>
}

export interface MemberTimes {
  /** Who gave no sign for so long has lost its tasks. */
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** How long others wait for a member to finish what it gives up. */
  readonly rebalanceMs: number
}

export interface Member {
  /** What it owns and is not giving up. */
  readonly tasks: readonly number[]
  /** How it names itself to the broker now. */
  readonly self: GroupMember
  /** Which ownership of a task this is: another one each time that it is given the task. Undefined while it has none. */
  ownership(task: number): number | undefined
  /** @throws SmartspeedError LEASE_HELD unless the broker says that it is a member, and the task is its own; KafkaFault when there is no answer */
  confirm(task: number, ownership?: number): Promise<void>
  /** Without a way to the broker. @throws SmartspeedError LEASE_HELD when the task was lost, or the session is over by its own clock */
  demand(task: number, ownership: number): void
  leave(): Promise<void>
}

/** Joins; resolves when it knows what it owns and `changed` has taken note. @throws KafkaFault, and what `admit` and `changed` throw */
export async function joinGroup(options: MemberOptions): Promise<void> {
  const { client, run, group, topic, rank, changed } = options
  const { sessionMs, heartbeatMs, rebalanceMs } = options.times
  let self: GroupMember = { group, memberId: '', generation: -1 }
  let owned: readonly number[] = []
  /** What it owns, and what it is giving up at this moment, each with the number of its ownership. */
  let holding = new Map<number, number>()
  let ownerships = 0
  /** When the last word was said that the broker answered well. */
  let seen = performance.now()
  let joining = later()
  /** Resolved by the next loss: whoever waits for a generation must not wait for one that itself waits until what was lost has ended. */
  let losing = later()
  let news = later()
  const started = later()
  let telling: Promise<unknown> = Promise.resolve()
  let left: Promise<void> | undefined
  let over = false
  let outranked = false

  const isJoining = () => joining.open
  const silentMs = () => performance.now() - seen

  function tell(how: { readonly lost: boolean; readonly error?: SmartspeedError }): Promise<void> {
    const tasks = owned
    const told = telling.then(() => changed(tasks, { ...how, outranked }))
    telling = told.catch(() => undefined)
    return told
  }

  /** Others may own it all by now. */
  function lose(): void {
    const had = holding.size > 0
    holding = new Map()
    owned = []
    self = { ...self, generation: -1 }
    news.resolve()
    losing.resolve()
    losing = later()
    if (had) void tell({ lost: true }).catch(fail)
  }

  function fail(error: unknown): void {
    if (over) return
    over = true
    const said = sayFault(`as a member of run ${run}`, error)
    const { memberId } = self
    holding = new Map()
    owned = []
    joining.resolve()
    news.resolve()
    if (!started.open) void tell({ lost: true, error: said }).catch(() => undefined)
    void client.leaveGroup(group, memberId).catch(() => undefined)
  }

  /** Joins and learns what is its own, whatever it takes; undefined when it is over meanwhile. @throws KafkaFault that nothing mends */
  async function enter() {
    if (!joining.open) joining = later()
    try {
      while (!over && left === undefined) {
        try {
          // What it lost is dropped before it is given anything.
          if (holding.size === 0) await telling
          const joined = await client.joinGroup({
            group,
            memberId: self.memberId,
            sessionMs,
            rebalanceMs,
            protocol,
            metadata: say(),
          })
          self = joined
          seen = performance.now()
          if (joined.generation < 0) continue
          const given = unpackAssignment(await client.syncGroup(joined, shares(joined)))
          seen = performance.now()
          return given
        } catch (error) {
          await mend(error)
        }
      }
      return undefined
    } finally {
      joining.resolve()
    }
  }

  function say(): Buffer {
    const tasks = [...holding.keys()]
    return packApplication(topic, {
      ...{ rank, tasks: options.tasks, owned: tasks },
      generation: tasks.length > 0 ? self.generation : -1,
    })
  }

  function shares({ members }: JoinedGroup) {
    if (members === undefined) return []
    const applicants = members.map(({ memberId, metadata }) => ({ memberId, ...unpackApplication(metadata) }))
    return [...assign(applicants, options.tasks)].map(([memberId, one]) => ({
      memberId,
      assignment: packAssignment(topic, one),
    }))
  }

  async function mend(error: unknown): Promise<void> {
    if (!isFault(error) || error.kind === 'fatal' || error.kind === 'range') throw error
    if (error.kind === 'rejoin') {
      // The next generation has begun already: what it holds is still its own, for nobody was told anything else.
      if (error.id !== 'REBALANCE_IN_PROGRESS') lose()
      if (error.id === 'UNKNOWN_MEMBER_ID') self = { ...self, memberId: '' }
      return
    }
    if (silentMs() > sessionMs) lose()
    await sleep(retryMs)
  }

  /** Takes what it is given; true when it gave something up for another. */
  async function take(
    { tasks, rank: highest }: { readonly tasks: readonly number[]; readonly rank: number },
    first: boolean,
  ) {
    const revoked = [...holding.keys()].filter((task) => !tasks.includes(task))
    const gained = tasks.filter((task) => !holding.has(task))
    for (const task of gained) holding.set(task, ++ownerships)
    const wasOutranked = outranked
    owned = tasks
    outranked = highest > rank
    if (first || revoked.length > 0 || gained.length > 0 || outranked !== wasOutranked) await tell({ lost: false })
    for (const task of revoked) holding.delete(task)
    return revoked.length > 0
  }

  async function live(): Promise<void> {
    for (let first = true; !over && left === undefined; first = false) {
      const given = await enter()
      if (given === undefined || over || left !== undefined) break
      news = later()
      if (first) void beat()
      if (first) await options.admit()
      const gaveUp = await take(given, first)
      if (first) started.resolve()
      if (!gaveUp && left === undefined) await news.promise
    }
  }

  async function beat(): Promise<void> {
    let asking = false
    while (!over) {
      await sleep(heartbeatMs, undefined, { ref: false })
      if (isJoining() || self.generation < 0) continue
      // After a sleep of the whole process this comes before anything is said.
      if (silentMs() > sessionMs) lose()
      else if (!asking) {
        asking = true
        void sign(self)
          .catch(() => undefined)
          .finally(() => {
            asking = false
          })
      }
    }
  }

  /** A heartbeat: notes what it means. @throws KafkaFault */
  async function sign(at: GroupMember): Promise<void> {
    const asked = performance.now()
    try {
      await client.heartbeat(at)
    } catch (error) {
      if (at !== self || !isFault(error, 'rejoin')) throw error
      if (error.id !== 'REBALANCE_IN_PROGRESS') {
        if (!isJoining()) lose()
        throw error
      }
      // Still a member of its generation, which is about to end.
      news.resolve()
    }
    if (at === self) seen = Math.max(seen, asked)
  }

  function holds(task: number, ownership: number | undefined): boolean {
    const own = holding.get(task)
    return ownership === undefined ? owned.includes(task) : own === ownership
  }

  async function confirm(task: number, ownership?: number): Promise<void> {
    let last: KafkaFault | undefined
    const until = performance.now() + rebalanceMs + sessionMs
    do {
      if (!holds(task, ownership)) throw notOwned(run, task, last)
      const at = self
      try {
        await sign(at)
        if (at === self && holds(task, ownership)) return
      } catch (error) {
        if (!isFault(error, 'rejoin')) throw error
        last = error
        if (!holds(task, ownership)) throw notOwned(run, task, last)
      }
      // A generation ended meanwhile: what the next one says counts.
      await Promise.race([joining.promise, losing.promise])
    } while (performance.now() < until)
    throw notOwned(run, task, last)
  }

  async function leave(): Promise<void> {
    if (over) return
    owned = []
    news.resolve()
    try {
      await tell({ lost: false })
    } finally {
      over = true
      const { memberId } = self
      holding = new Map()
      // Without an answer the broker will miss its signs of life.
      if (memberId !== '') await persist(() => client.leaveGroup(group, memberId)).catch(() => undefined)
      joining.resolve()
    }
  }

  const member: Member = {
    get tasks() {
      return owned
    },
    get self() {
      return self
    },
    ownership: (task) => (owned.includes(task) ? holding.get(task) : undefined),
    confirm,
    demand(task, ownership) {
      if (!holds(task, ownership) || (!isJoining() && silentMs() > sessionMs)) throw notOwned(run, task)
    },
    leave() {
      left ??= leave()
      return left
    },
  }
  options.joined(member)
  const living = live()
  living.catch((error: unknown) => fail(error))
  await Promise.race([started.promise, living])
}

/** A promise that is resolved from outside. */
function later(): { readonly promise: Promise<void>; readonly open: boolean; resolve(): void } {
  let open = true
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return {
    promise,
    get open() {
      return open
    },
    resolve() {
      open = false
      resolve()
    },
  }
}
