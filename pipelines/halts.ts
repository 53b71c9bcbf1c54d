// The kill switch: what a person says to the accounts of a run, and what they made of it.
import { batchOf, rowAt, rowsOf } from '../schemas/batch.ts'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import type { Command, RiskEvent } from '../schemas/records.generated.ts'
import type { Topics } from '../topics/topics.ts'
import { type RunAbout, readAbout } from './about.ts'
import { actsIn, nextAct } from './audit.ts'
import { hashOf } from './config.ts'
import { commandsOf, controlRun } from './control.ts'

export const haltActions = ['pause', 'cancel', 'flatten', 'lift'] as const
export type HaltAction = (typeof haltActions)[number]

export interface Halt {
  readonly run: string
  readonly action: HaltAction
  /** Empty: every account of the run. */
  readonly account: string
  readonly who: string
  readonly why: string
  /** µs; of a run that is still to begin, when its market is to hear it. */
  readonly at: number
}

/** What was done about an account last. */
export interface HaltState {
  readonly account: string
  /** `none`, `pause`, `cancel` or `flatten`. */
  readonly halt: string
  /** Since when, µs of the run's market; why, as its risk event says. */
  readonly since?: number
  readonly why?: string
}

export interface Halts {
  readonly run: string
  readonly accounts: readonly HaltState[]
  /** What was said, the newest last. */
  readonly commands: readonly Pick<Command, 'received' | 'action' | 'account' | 'who' | 'why'>[]
}

/**
 * Writes a command and its entry in the book of acts, at once: the run hears it as a row of its inputs.
 * @throws SmartspeedError CONFIG_INVALID without a name or a reason, and for a run that is finished; RUN_MISSING, UNKNOWN_NAME; LEASE_HELD while another person's is written
 */
export async function sendHalt(topics: Topics, halt: Halt): Promise<Command> {
  const { run, action, account, who, why, at } = halt
  for (const [name, value] of [['who', who] as const, ['why', why] as const]) {
    if (value.trim() !== '') continue
    throw new SmartspeedError('CONFIG_INVALID', `--${name} is empty: a halt, and its end, have a name and a reason`, {
      fix: `add --${name} TEXT`,
    })
  }
  const about = (await tradingRuns(topics)).find((one) => one.run === run)?.about
  if (about?.result !== undefined) {
    throw new SmartspeedError('CONFIG_INVALID', `run ${run} is finished: nothing of it trades any more`, {
      fix: 'what it was told, and what it made of it: smartspeed halt status',
    })
  }
  if (about !== undefined) checkAccount(run, about, account)
  const writer = await topics.writer({ run: controlRun(run) })
  try {
    const before = await commandsIn(topics, run)
    const received = Math.max(at, (before.at(-1)?.received ?? 0) + 1)
    const command: Command = {
      ...{ time: received, received, exchange: '', symbol: '', account, action, who, why },
    }
    const acts = await actsIn(topics, controlRun(run))
    const did = { action: action === 'lift' ? 'lift' : 'halt', outcome: 'done', version: 0, target: account } as const
    const what = `${action} ${account === '' ? 'every account' : account}`
    const act = nextAct(acts, run, { ...did, hash: hashOf(command), who, what, why }, received)
    await writer.commit({ outputs: [batchOf('commands', [command]), batchOf('audit', [act])] })
    return command
  } finally {
    await writer.close()
  }
}

/** What was said to a run, and what its accounts made of it so far. @throws SmartspeedError RUN_MISSING */
export async function haltsOf(topics: Topics, run: string): Promise<Halts> {
  const runs = await tradingRuns(topics)
  const about = runs.find((one) => one.run === run)?.about
  if (about === undefined)
    throw missing(
      run,
      runs.map((one) => one.run),
    )
  const states = new Map<string, HaltState>(
    about.seats.map(({ account }) => [account.name, { account: account.name, halt: 'none' }]),
  )
  const topic = `${run}.risk-events`
  if ((await topics.list()).some(({ name }) => name === topic)) {
    for await (const { batch } of topics.read<'risk-events'>(topic)) {
      const { check } = batch.columns
      const code = check.values.indexOf('emergency')
      if (code < 0) continue
      for (let row = 0; row < batch.rows; row++) if (check.codes[row] === code) hear(states, rowAt(batch, row))
    }
  }
  const commands = (await commandsIn(topics, run)).map(({ received, action, account, who, why }) => {
    return { received, action, account, who, why }
  })
  return { run, accounts: [...states.values()], commands }
}

/** The only run that follows its market now, where none was named. @throws SmartspeedError CONFIG_INVALID when there are several, RUN_MISSING for none */
export async function followedRun(topics: Topics): Promise<string> {
  const open: string[] = []
  for (const { run, about } of await tradingRuns(topics)) {
    if (about.mode === 'follow' && about.result === undefined) open.push(run)
  }
  const [only] = open
  if (open.length === 1) return only!
  if (only === undefined) throw missing(undefined, [])
  throw new SmartspeedError('CONFIG_INVALID', `no run was named, and several trade: ${open.join(', ')}`, {
    fix: `add --run ${only}`,
  })
}

function missing(run: string | undefined, runs: readonly string[]): SmartspeedError {
  const near = run === undefined ? undefined : nearest(run, runs)
  return new SmartspeedError(
    'RUN_MISSING',
    run === undefined ? 'no run follows its market' : `there is no run ${run} that trades`,
    {
      fix: near === undefined ? 'what ran: smartspeed runs' : `did you mean "${near}"?`,
    },
  )
}

function checkAccount(run: string, { seats }: RunAbout, account: string): void {
  const names = seats.map((seat) => seat.account.name)
  if (account === '' || names.includes(account)) return
  throw new SmartspeedError('UNKNOWN_NAME', `run ${run} has no account "${account}"; it has: ${names.join(', ')}`, {
    fix: `did you mean "${nearest(account, names)}"?`,
  })
}

async function tradingRuns(topics: Topics): Promise<{ run: string; about: RunAbout }[]> {
  return (await topics.runs()).flatMap(({ run, about }) => {
    const known = readAbout(about)
    return known?.pipeline === 'trading' ? [{ run, about: known }] : []
  })
}

async function commandsIn(topics: Topics, run: string): Promise<Command[]> {
  const topic = commandsOf(run)
  if (!(await topics.list()).some(({ name }) => name === topic)) return []
  const all: Command[] = []
  for await (const { batch } of topics.read<'commands'>(topic)) all.push(...rowsOf(batch))
  return all
}

const haltOf: Partial<Record<RiskEvent['action'], string>> = {
  halted: 'pause',
  cancelled: 'cancel',
  flattened: 'flatten',
}

/** What a risk event says of its account as a whole; those of one instrument say nothing of it. */
function hear(states: Map<string, HaltState>, { account, action, reason, detail, received }: RiskEvent): void {
  const halt = haltOf[action]
  if (halt !== undefined) states.set(account, { account, halt, since: received, why: detail })
  const lifts = action === 'resumed' && (reason === 'COMMAND' || reason === 'CALM')
  if (lifts) states.set(account, { account, halt: 'none', since: received, why: detail })
}
