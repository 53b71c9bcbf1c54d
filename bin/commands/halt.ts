// `smartspeed halt`: the kill switch of a run's accounts, at three levels; who and why are written down.
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { HaltAction } from '../../pipelines/halts.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly run?: string
  readonly account?: string
  readonly why?: string
  readonly who?: string
  readonly at?: string
}

const acts: readonly (readonly [HaltAction, string])[] = [
  ['pause', 'nothing new is risked; what takes from a position still passes'],
  ['cancel', 'the same, and every open order is taken back'],
  ['flatten', 'the same, and every position is closed at the market'],
  ['lift', 'ends a halt, also one after a flash crash'],
]

export function register(program: Command): void {
  const halt = program
    .command('halt')
    .description('the kill switch: stops the accounts of a run, and lets them go on')
    .addHelpText(
      'after',
      '\nWithout pause, cancel, flatten or lift it says how things are.\n\nExample:\n  npx smartspeed halt status --run sma-cross-1',
    )
  for (const [action, what] of acts) {
    halt
      .command(action)
      .description(what)
      .option('--run <run>', 'the run; may be left out where only one follows its market')
      .option('--account <account>', 'one account; all of the run when left out')
      .requiredOption('--why <text>', 'the reason, for the book')
      .option('--who <name>', 'whose decision it is; you when left out')
      .option('--at <time>', 'for a run that is still to begin: the receive time at which it hears it')
      .addHelpText(
        'after',
        `\nExample:\n  npx smartspeed halt ${action} --why "a drill" --run drill --at 2025-01-01T00:05:00Z`,
      )
      .action(async (_options: object, own: Command) => {
        const { json, ...flags } = own.optsWithGlobals<Flags>()
        const { haltHere } = await import('../halt.ts')
        const who = flags.who ?? userInfo().username
        const said = await haltHere(flags, action, { ...flags, who, why: flags.why! })
        await printResult(json, said, () => said.text)
      })
  }
  halt
    .command('status', { isDefault: true })
    .description('which accounts are halted, since when, and what was said to them')
    .option('--run <run>', 'the run; may be left out where only one follows its market')
    .addHelpText('after', '\nExample:\n  npx smartspeed halt status --run sma-cross-1')
    .action(async (_options: object, own: Command) => {
      const { json, ...flags } = own.optsWithGlobals<Flags>()
      const { haltStatus, statusText } = await import('../halt.ts')
      const found = await haltStatus(flags, flags.run)
      await printResult(json, found, () => statusText(found))
    })
}
