// `smartspeed benchmark`: every figure of performance that was asked for, measured, with a verdict on each.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type GlobalOptions, parseWhole } from '../options.ts'

interface Flags extends GlobalOptions {
  readonly only?: readonly string[]
  readonly repeat?: string
  readonly quick?: boolean
  readonly output?: string
  readonly history?: string
}

/** Not a part of what is deployed: it is started, not imported. */
const program = join(import.meta.dirname, '../../bench/benchmark.ts')

export function register(parent: Command): void {
  parent
    .command('benchmark')
    .description('measures every figure of performance that was asked for, and says which are reached')
    .option('--only <name...>', 'these figures alone')
    .option('--repeat <n>', 'repetitions of each; 5 to 20 when left out')
    .option('--quick', 'little data: results are checked, times mean nothing')
    .option('-o, --output <file>', 'a page of it, too')
    .option('--history <file>', 'adds a line of medians to this file, and says how they stand beside earlier ones')
    .addHelpText(
      'after',
      [
        '',
        'All of it takes some ten minutes on a machine that does nothing else. Exit code 1: a figure is not reached.',
        'docs/benchmark.md says what each is and how the verdict is found.',
        '',
        'Example:',
        '  npx smartspeed benchmark --quick --only regime_detection_latency -o benchmark.html',
      ].join('\n'),
    )
    .action(async (_options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      if (!existsSync(program)) {
        throw new SmartspeedError('PROGRAM_MISSING', 'the benches are not part of what is deployed', {
          fix: 'run it in a checkout of the repository',
        })
      }
      process.exitCode = await started(argsOf(flags))
    })
}

/** Which figures there are is known to the program. Errors: CONFIG_INVALID for a number of repetitions. */
function argsOf({ only, repeat, quick, json, output, history }: Flags): string[] {
  if (repeat !== undefined) parseWhole('--repeat', repeat, 1, 1000)
  return [
    ...(only ?? []).flatMap((name) => ['--only', name]),
    ...(repeat === undefined ? [] : ['--repeat', repeat]),
    ...(quick ? ['--quick'] : []),
    ...(json ? ['--json'] : []),
    ...(output === undefined ? [] : ['--output', output]),
    ...(history === undefined ? [] : ['--history', history]),
  ]
}

/** Runs it to its end, and prints what it prints; Ctrl-C ends it too. */
async function started(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, '--no-warnings', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
  child.stdout.on('data', (chunk: Buffer) => process.stdout.write(chunk))
  return ended
}
