// Options that many commands share, and what they mean. What is heavy is imported when it is needed.
import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import { parseTime } from '../schemas/time.ts'
import type { EngineOptions } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { type KafkaFlags, kafkaFlagNames, kafkaOptionsOf, withKafkaFlags } from './kafka-options.ts'

export { parseTime } from '../schemas/time.ts'

/** In the folder that the command is run in. */
const configName = 'smartspeed.yaml'

/** What every command knows: `command.optsWithGlobals<GlobalOptions & …>()`. */
export interface GlobalOptions extends KafkaFlags {
  readonly dir: string
  readonly engine: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/** Where topics are. */
export type Where = KafkaFlags & { readonly dir: string; readonly engine?: string | undefined }

/** And how long a member of a run may be silent there, which the Kafka engine knows. */
export type MemberWhere = Where & { readonly sessionMs?: number | undefined }

const engines = ['embedded', 'kafka']

/** What mends files of the embedded log: a broker mends its own. */
const embeddedOnly = ['salvage']

/** Adds `--dir`, `--engine` and what the Kafka engine needs; a flag goes before the environment, and that before smartspeed.yaml. */
export function withEngineOptions(program: Command): Command {
  program
    .addOption(new Option('--dir <path>', 'folder of the embedded log').env('SMARTSPEED_DIR').default('.smartspeed'))
    .addOption(
      new Option('--engine <name>', 'where topics live: embedded or kafka')
        .env('SMARTSPEED_ENGINE')
        .default('embedded'),
    )
  return withKafkaFlags(program).hook('preAction', async (_, command) => {
    const file = existsSync(configName) ? (await import('./config-file.ts')).readConfigFile(configName) : {}
    for (const name of ['dir', 'engine', ...kafkaFlagNames] as const) {
      const source = program.getOptionValueSource(name)
      if (file[name] !== undefined && (source === undefined || source === 'default')) {
        program.setOptionValueWithSource(name, file[name], 'config')
      }
    }
    checkEngine(program.opts<GlobalOptions>().engine, command.name())
  })
}

function checkEngine(engine: string, command: string): void {
  if (!engines.includes(engine)) {
    throw new SmartspeedError('CONFIG_INVALID', `--engine: "${engine}" is no engine; allowed: ${engines.join(', ')}`, {
      fix: `did you mean "${nearest(engine, engines)}"?`,
    })
  }
  if (engine === 'kafka' && embeddedOnly.includes(command)) {
    throw new SmartspeedError('CONFIG_INVALID', `${command} mends the embedded log, not the kafka engine`, {
      fix: 'leave --engine out; brokers keep their own logs whole',
    })
  }
}

/** What `openTopics` takes of it. Errors: those of `kafkaOptionsOf`. */
export function engineOptions(where: MemberWhere): EngineOptions & { readonly engine?: string } {
  const { dir, engine, sessionMs } = where
  return {
    dir,
    ...(engine === undefined ? {} : { engine }),
    ...(engine === 'kafka' ? kafkaOptionsOf(where) : {}),
    ...(sessionMs === undefined ? {} : { sessionMs }),
  }
}

/** Which rows. */
export interface RangeOptions {
  readonly exchange?: string
  readonly symbol?: string
  readonly from?: string
  readonly to?: string
}

/** Adds `--exchange`, `--symbol`, `--from`, `--to`. */
export function withRangeOptions(command: Command): Command {
  return command
    .option('--exchange <id>', 'rows of this exchange')
    .option('--symbol <symbol>', 'rows of this symbol, as the exchange spells it')
    .option('--from <time>', 'first receive time: ISO 8601 or whole µs')
    .option('--to <time>', 'receive time that the rows come before')
}

/** The range as a replay takes it. Errors: CONFIG_INVALID for a time that is none, or a range that ends before it begins. */
export function rangeOf({ exchange, symbol, from, to }: RangeOptions) {
  const start = from === undefined ? undefined : parseTime('--from', from)
  const end = to === undefined ? undefined : parseTime('--to', to)
  if (start !== undefined && end !== undefined && end <= start) {
    throw new SmartspeedError('CONFIG_INVALID', `--to ${to} is not after --from ${from}`, {
      fix: '--to is exclusive: take a later time',
    })
  }
  return {
    ...(exchange === undefined ? {} : { exchange }),
    ...(symbol === undefined ? {} : { symbols: [symbol] }),
    ...(start === undefined ? {} : { from: start }),
    ...(end === undefined ? {} : { to: end }),
  }
}

/** A whole number of at least `least`, and at most `most` where that is given. Errors: CONFIG_INVALID. */
export function parseWhole(key: string, text: string, least: number, most?: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && !(value > (most ?? value))) return value
  const allowed = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`
  throw new SmartspeedError('CONFIG_INVALID', `${key}: "${text}" is not a whole number ${allowed}`, {
    fix: `for example ${key} ${Math.min(most ?? least, Math.max(least, 4096))}`,
  })
}

/** A finite number > 0. Errors: CONFIG_INVALID. */
export function parsePositive(key: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new SmartspeedError('CONFIG_INVALID', `${key}: "${text}" is not a number above 0`)
}

/**
 * Topics that must be there: who reads, or trades over what others wrote, makes none by a slip of the pen.
 * Errors: NO_DATA when there are none; what `openTopics` says.
 */
export async function openLog(where: MemberWhere): Promise<Topics> {
  const { openTopics } = await import('../topics/index.ts')
  return openTopics({ ...engineOptions(where), readOnly: where.engine === 'kafka' || !existsSync(where.dir) })
}

/**
 * Opens the topics, works with them, closes them. Only `write: true` makes them where there are none; `existing` writes to
 * what is there.
 *
 * Errors: NO_DATA when there are none; what `openTopics` and the work say.
 */
export async function withTopics<T>(
  where: Where,
  work: (topics: Topics) => Promise<T>,
  { write = false }: { readonly write?: boolean | 'existing' } = {},
): Promise<T> {
  const { openTopics } = await import('../topics/index.ts')
  const topics =
    write === 'existing' ? await openLog(where) : await openTopics({ ...engineOptions(where), readOnly: !write })
  try {
    return await work(topics)
  } finally {
    await topics.close()
  }
}
