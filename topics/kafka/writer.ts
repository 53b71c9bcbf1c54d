// The writer of a run, or of one of its tasks: each step is one transaction, made again until it is surely there, or surely somebody
// else's.
import { setTimeout as sleep } from 'node:timers/promises'
import { schemaOf } from '../../schemas/avro.ts'
import { physicalName } from '../../schemas/catalogue.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Step, Writer } from '../topics.ts'
import type { WireClient } from './client.ts'
import { isFault, sayFault } from './faults.ts'
import { type Names, topicConfigs } from './layout.ts'
import type { Leases } from './lease.ts'
import type { Ledger } from './ledger.ts'
import type { Members } from './membership.ts'
import { positionsShown } from './positions.ts'
import { openProducer, type Producer, persist } from './producer.ts'
import type { Registry } from './registry.ts'
import type { Right } from './right.ts'
import { type Draft, draftOf } from './step-draft.ts'
import { stepWriter } from './step-write.ts'
import type { Reached } from './table.ts'

/** What the engine hands to its writers. */
export interface WriterContext {
  readonly client: WireClient
  readonly registry: Registry
  readonly ledger: Ledger
  readonly leases: Leases
  readonly members: Members
  readonly names: Names
  /** ms since 1970: the time of writing. */
  readonly clock: () => number
  readonly replicas?: number
  readonly closed: (writer: Writer) => void
}

/** How long a commit goes on trying while the broker is away. */
const patienceMs = 60_000

/** Asks for the right, then takes its transactional id. @throws SmartspeedError CONFIG_INVALID, USAGE, LEASE_HELD, SERVICE_LOST */
export async function openWriter(context: WriterContext, take: () => Promise<Right>): Promise<Writer> {
  const { client, registry, ledger, names } = context
  const right = await take()
  const { run, session, task: own } = right
  const doing = own === undefined ? `committing to run ${run}` : `committing to task ${own.task} of run ${run}`
  /** Where the ledger says what concerns it: its own commits, and what all tasks of the run have in common. */
  const places = right.market
    ? undefined
    : [...new Set([ledger.partitionOf(run, own?.partition), ledger.partitionOf(run)])]
  let producer: Producer
  try {
    if (own !== undefined) await right.confirm()
    producer = await openProducer(client, right.transactionalId, right.transactionMs, right.confirm)
    // Nothing of our own can be hidden any more, once all is read that stood there when the id was ours.
    await ledger.table.catchUp(places)
  } catch (error) {
    await right.release().catch(() => undefined)
    throw error
  }
  const steps = stepWriter(context, right)
  const shown = positionsShown(context, run)
  let commits = 0
  /** Where rows will lie is known only while nothing was aborted. */
  let clean = true
  let tail: Promise<unknown> = Promise.resolve()
  let expected: Promise<unknown> = Promise.resolve()
  let closed = false
  let broken: SmartspeedError | undefined

  async function commit(step: Step): Promise<void> {
    if (broken !== undefined) throw broken
    const draft = await draftOf(context, right, step)
    const number = ++commits
    const until = performance.now() + patienceMs
    for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, 500)) {
      try {
        await createTopics(draft)
        await send(draft, { number, foretell: clean })
        break
      } catch (error) {
        clean = false
        if (isLost(error)) throw breakBy(lostRight(right, error))
        const mendable = isFault(error) && error.kind !== 'fatal' && error.kind !== 'range'
        if (!mendable || performance.now() > until) {
          const fault = sayFault(doing, error)
          // Nobody knows what became of it: only a writer that reads the journal anew may go on.
          throw isFault(error, 'unknown') ? breakBy(fault) : fault
        }
        if (isFault(error, 'unknown') && (await isThere(number, until))) break
      }
      await sleep(waitMs)
    }
    clean = true
    ledger.table.wake()
    if (step.journal !== undefined) shown.note(step.task ?? step.journal.task, step.journal.positions)
  }

  /** Resolves when it can be read: committed is promised before that. */
  async function send(draft: Draft, of: Parameters<typeof steps.write>[2]): Promise<void> {
    const given = new AbortController()
    let ends: readonly Reached[] = []
    let readable: Promise<void> = Promise.resolve()
    try {
      await producer.transact(
        async (transaction) => {
          ends = await steps.write(draft, transaction, of)
        },
        () => {
          right.demand()
          readable = ledger.table.reach(ends, patienceMs, given.signal)
          readable.catch(() => undefined)
        },
      )
    } catch (error) {
      given.abort()
      throw error
    }
    try {
      await readable
    } catch (error) {
      throw breakBy(sayFault(doing, error))
    }
  }

  /** Ends what was left open, and says whether it was committed after all. */
  async function isThere(number: number, until: number): Promise<boolean> {
    for (;;) {
      try {
        await producer.restart()
        await ledger.table.catchUp(places)
        const last = ledger.commit(run, own?.task)
        return last?.session === session && last.number >= number
      } catch (error) {
        if (isLost(error)) throw breakBy(lostRight(right, error))
        if (performance.now() > until) throw breakBy(sayFault(doing, error))
        await sleep(100)
      }
    }
  }

  function breakBy(error: SmartspeedError): SmartspeedError {
    broken = error
    return error
  }

  async function createTopics({ topics }: Draft): Promise<void> {
    const fresh = [...topics].filter(([, { fresh }]) => fresh)
    if (fresh.length === 0) return
    const replicas = context.replicas === undefined ? {} : { replicas: context.replicas }
    const wanted = fresh.map(([topic, { entry }]) => ({
      ...{ topic: names.topic(topic), partitions: entry.partitions, ...replicas },
      configs: topicConfigs(entry.retentionMs, entry.minIsr),
    }))
    await persist(() => client.createTopics(wanted))
  }

  const writer: Writer = {
    run,
    commit(step) {
      if (closed) return Promise.reject(new SmartspeedError('USAGE', `the writer of run ${run} is closed`))
      const done = tail.then(() => commit(step))
      tail = done.catch(() => undefined)
      return done
    },
    expect(records) {
      const asked = records.map((record) =>
        registry.idOf(names.subject(physicalName(record, run)), schemaOf(record)).catch(() => undefined),
      )
      expected = Promise.all([expected, ...asked])
    },
    async close() {
      if (closed) return
      closed = true
      await tail
      // Else it would come back after a removal.
      await expected
      await shown.close()
      try {
        await right.release()
      } catch (error) {
        throw sayFault(`giving back the lease of run ${run}`, error)
      } finally {
        context.closed(writer)
      }
    },
  }
  return writer
}

/** Somebody else has the right by now: final for this writer. */
function isLost(error: unknown): boolean {
  return isFault(error, 'fenced') || (error instanceof SmartspeedError && error.code === 'LEASE_HELD')
}

function lostRight({ run, task }: Right, cause: unknown): SmartspeedError {
  if (cause instanceof SmartspeedError) return cause
  const what = task === undefined ? `run ${run}` : `task ${task.task} of run ${run}`
  return new SmartspeedError(
    'LEASE_HELD',
    `${what} was taken over by another writer; nothing of this step was written`,
    {
      cause,
      fix: 'see who writes it: npx smartspeed runs',
    },
  )
}
