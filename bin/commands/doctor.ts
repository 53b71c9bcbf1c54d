// `smartspeed doctor`: what this machine has and lacks, and the command that mends it.

import type { Command } from 'commander'
import { checkMachine } from '../doctor.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has and lacks, and the command that mends it')
    .addHelpText('after', '\nExample:\n  npx smartspeed doctor --json')
    .action(async (_options: object, command: Command) => {
      const { dir, json } = command.optsWithGlobals<{ dir: string; json?: boolean }>()
      const checks = await checkMachine(dir)
      await printResult(json, { checks: checks.map((check) => ({ ...check, fix: check.fix ?? null })) }, () =>
        checks
          .map(
            ({ name, ok, detail, fix }) => `${ok ? '✓' : '✗'} ${name.padEnd(14)} ${detail}${fix ? `\n    ${fix}` : ''}`,
          )
          .join('\n'),
      )
      if (checks.some((check) => !check.ok)) process.exitCode = 1
    })
}
