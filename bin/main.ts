// The program `smartspeed`: finds the command, runs it, and turns whatever happened into an exit code.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, type Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { commands } from './commands/index.ts'
import { exitCodeOf, reportError } from './errors.ts'
import { countColumnsAsHeap } from './heap.ts'
import { rareFlags } from './kafka-options.ts'
import { withEngineOptions } from './options.ts'
import { endWithParent } from './stop.ts'

/** The program with every command, not yet run. Exported for tests and for the reference page. */
export function createProgram(): Command {
  const program = new Command('smartspeed')
    .description(packageJson.description)
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('-h, --help', 'say what a command does, with an example')
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--verbose', 'show the stack of an error')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true, visibleGlobalOptions: usualOptions })
    .configureOutput({ outputError: () => {} })
    .exitOverride()
  withEngineOptions(program)
  for (const command of commands) command.register(program)
  return program
}

/**
 * Runs one command line (without `node` and the script).
 * Out: the exit code: 0 done, 1 failed, 2 wrong usage or config, 130 interrupted.
 */
export async function main(args: readonly string[]): Promise<number> {
  const program = createProgram()
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    reportError(error, { json: args.includes('--json'), verbose: args.includes('--verbose'), program })
    return exitCodeOf(error)
  }
}

/** Of the program's options, those that the help of a single command shows; `smartspeed --help` shows all. */
function usualOptions(command: Command): Option[] {
  const all: Option[] = []
  for (let above = command.parent; above !== null; above = above.parent) all.push(...above.options)
  return all.filter(({ long, hidden }) => !hidden && !rareFlags.has(long ?? ''))
}

/** A reader that went away (`| head`) is no error: there is nobody left to tell. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Runs the command line of this process and ends it. */
export async function run(): Promise<void> {
  countColumnsAsHeap()
  endQuietlyWithoutReader()
  endWithParent()
  const code = await main(process.argv.slice(2))
  process.stdout.write('', () => process.exit(code))
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await run()
