// The kill switch from the command line.
import { anyAboutOf } from '../pipelines/about.ts'
import { followedRun, type HaltAction, type Halts, haltsOf, sendHalt } from '../pipelines/halts.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseTime, type Where, withTopics } from './options.ts'

export interface Said {
  readonly run: string
  readonly account: string | null
  readonly action: HaltAction
  readonly who: string
  readonly why: string
  /** µs */
  readonly received: number
  readonly text: string
}

interface Saying {
  readonly run?: string
  readonly account?: string
  readonly who: string
  readonly why: string
  readonly at?: string
}

/** @throws SmartspeedError what `sendHalt` and `followedRun` say; CONFIG_INVALID for a time of a run that has begun */
export function haltHere(where: Where, action: HaltAction, saying: Saying): Promise<Said> {
  const { account = '', who, why } = saying
  return withTopics(
    where,
    async (topics) => {
      const run = saying.run ?? (await followedRun(topics))
      const isKnown = (await anyAboutOf(topics, run)) !== undefined
      if (isKnown === (saying.at !== undefined)) throw isKnown ? begun(run) : await unknown(topics, run)
      const at = saying.at === undefined ? Date.now() * 1000 : parseTime('--at', saying.at)
      const { received } = await sendHalt(topics, { run, action, account, who, why, at })
      const text = `${action}: said to ${account === '' ? 'every account' : account} of run ${run}; what it made of it: smartspeed halt status --run ${run}`
      return { run, account: account === '' ? null : account, action, who, why, received, text }
    },
    { write: 'existing' },
  )
}

/** @throws SmartspeedError what `haltsOf` and `followedRun` say */
export function haltStatus(where: Where, run: string | undefined): Promise<Halts> {
  return withTopics(where, async (topics) => haltsOf(topics, run ?? (await followedRun(topics))))
}

export function statusText({ run, accounts, commands }: Halts): string {
  const iso = (us: number) => new Date(us / 1000).toISOString()
  return [
    run,
    ...accounts.map(({ account, halt, since, why }) => {
      const how = halt === 'none' ? 'trades' : `halted (${halt})`
      return `  ${account.padEnd(22)}${how}${since === undefined ? '' : ` since ${iso(since)}: ${why}`}`
    }),
    ...(commands.length === 0 ? [] : ['said to it:']),
    ...commands.map(({ received, action, account, who, why }) => {
      return `  ${iso(received)} ${action} ${account === '' ? 'every account' : account}, ${who}: ${why}`
    }),
  ].join('\n')
}

function begun(run: string): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', `--at: run ${run} has begun, and hears what is said now`, {
    fix: 'leave --at out',
  })
}

async function unknown(topics: Parameters<typeof haltsOf>[0], run: string): Promise<SmartspeedError> {
  try {
    await haltsOf(topics, run)
  } catch (error) {
    if (error instanceof SmartspeedError) return error
  }
  return new SmartspeedError('RUN_MISSING', `there is no run ${run}`)
}
