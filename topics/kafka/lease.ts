// Leases: who may write a run, or the market. Taking one is a transaction under the lease's own transactional id, so of several
// that try at once one wins; a holder that died is known by its process on this machine, and elsewhere by its missing signs of
// life. Whether it really died does not matter for what is written: who takes over initialises the holder's own transactional id,
// after which that one can commit nothing any more.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { WireClient } from './client.ts'
import { isFault } from './faults.ts'
import type { Names } from './layout.ts'
import { openProducer, persist } from './producer.ts'
import { openTable, type Table } from './table.ts'

const signMs = 3_000
/** A holder on another machine that gave no sign for so long is taken for dead. */
const silentMs = 15_000
const transactionMs = 10_000
const tries = 20

interface Holder {
  readonly session: string
  readonly pid: number
  readonly machine: string
  /** When its process started, where the system tells: another process may have got its pid. */
  readonly started: string
  /** The run that it writes. */
  readonly run: string
}

export interface Leases {
  /** @throws SmartspeedError LEASE_HELD, naming the holder. Gives the holder that died, when there was one. */
  take(name: string, run: string, session: string): Promise<{ readonly dead: { readonly run: string } | undefined }>
  release(name: string, session: string): Promise<void>
  /** Whether the session still holds it. */
  isMine(name: string, session: string): Promise<boolean>
  isHeld(name: string): Promise<boolean>
  /** @throws SmartspeedError LEASE_HELD, naming the holder */
  demandFree(name: string): Promise<void>
  close(): Promise<void>
}

/** Sessions of this process that hold something. */
const own = new Set<string>()

const machine = `${hostname()} ${readText('/proc/sys/kernel/random/boot_id')}`

export function newSession(): string {
  return randomUUID()
}

export function openLeases(client: WireClient, names: Names): Leases {
  const holders = new Map<string, Holder>()
  const signs = new Map<string, number>()
  const mine = new Map<string, Set<string>>()
  let beat: NodeJS.Timeout | undefined
  const table: Table = openTable(client, names.leases, 1, ({ key, value, timestamp }) => {
    const [kind, name] = JSON.parse(key.toString()) as ['holder' | 'sign', string]
    if (kind === 'sign') {
      if (value === null) signs.delete(name)
      else signs.set(name, timestamp)
    } else if (value === null) holders.delete(name)
    else holders.set(name, JSON.parse(value.toString()) as Holder)
  })

  async function take(name: string, run: string, session: string) {
    for (let attempt = 1; ; attempt++) {
      try {
        const producer = await openProducer(client, names.lease(name), transactionMs)
        await table.catchUp()
        const holder = holders.get(name)
        if (holder !== undefined && isAlive(holder)) throw heldBy(name, holder)
        await sign(session)
        const me: Holder = { session, pid: process.pid, machine, started: startOf(process.pid), run }
        await producer.transact(async (transaction) => {
          await transaction.send([part(['holder', name], me)], Date.now())
        })
        own.add(session)
        const names_ = mine.get(session) ?? new Set<string>()
        mine.set(session, names_.add(name))
        beat ??= setInterval(() => void beatAll(), signMs).unref()
        return { dead: holder === undefined ? undefined : { run: holder.run } }
      } catch (error) {
        // Somebody else is taking it at this moment: who of us was last goes on.
        if (attempt === tries || !(isFault(error, 'fenced') || isFault(error, 'unknown'))) throw error
      }
    }
  }

  async function release(name: string, session: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const producer = await openProducer(client, names.lease(name), transactionMs)
        await table.catchUp()
        if (holders.get(name)?.session === session) {
          await producer.transact(async (transaction) => {
            await transaction.send([part(['holder', name], null)], Date.now())
          })
          await table.catchUp()
        }
        break
      } catch (error) {
        if (attempt === tries || !(isFault(error, 'fenced') || isFault(error, 'unknown'))) throw error
      }
    }
    const left = mine.get(session)
    left?.delete(name)
    if (left?.size === 0) await forget(session)
  }

  async function forget(session: string): Promise<void> {
    mine.delete(session)
    own.delete(session)
    if (mine.size === 0) {
      clearInterval(beat)
      beat = undefined
    }
    await persist(() => client.produce([{ ...part(['sign', session], null), timestamp: Date.now(), sequence: 0 }]))
  }

  async function sign(session: string): Promise<void> {
    await persist(() => client.produce([{ ...part(['sign', session], {}), timestamp: Date.now(), sequence: 0 }]))
  }

  async function beatAll(): Promise<void> {
    for (const session of mine.keys()) {
      // A sign that is missed is made up for by the next one.
      await sign(session).catch(() => undefined)
    }
  }

  function part(key: readonly [string, string], value: unknown) {
    const record = {
      key: Buffer.from(JSON.stringify(key)),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    }
    return { topic: names.leases, partition: 0, records: [record] }
  }

  function isAlive(holder: Holder): boolean {
    if (holder.machine === machine) {
      if (holder.pid === process.pid) return own.has(holder.session)
      return processLives(holder.pid) && startOf(holder.pid) === holder.started
    }
    return Date.now() - (signs.get(holder.session) ?? 0) < silentMs
  }

  return {
    take,
    release,
    async isMine(name, session) {
      await table.catchUp()
      return holders.get(name)?.session === session
    },
    async isHeld(name) {
      await table.catchUp()
      const holder = holders.get(name)
      return holder !== undefined && isAlive(holder)
    },
    async demandFree(name) {
      await table.catchUp()
      const holder = holders.get(name)
      if (holder !== undefined && isAlive(holder)) throw heldBy(name, holder)
    },
    async close() {
      clearInterval(beat)
      table.close()
    },
  }
}

function heldBy(name: string, { pid, machine: where }: Holder): SmartspeedError {
  const what = name === 'market' ? 'the market topics are' : `run ${name} is`
  const here = where === machine
  const who = here && pid === process.pid ? 'another writer of this process' : `process ${pid}`
  return new SmartspeedError(
    'LEASE_HELD',
    `${what} being written by ${here ? who : `process ${pid} on ${where.split(' ')[0]}`}${here && pid === process.pid ? ` (${pid})` : ''}`,
    {
      fix:
        here && pid !== process.pid ? `wait until it is done, or stop it: kill -INT ${pid}` : 'wait until it is done',
    },
  )
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/<pid>/stat; empty where there is no such file. */
function startOf(pid: number): string {
  const text = readText(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
