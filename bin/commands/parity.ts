// `smartspeed parity RUN`: runs it again from its journal and compares every output.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('parity <run>')
    .description('run it again from its journal and compare every output')
    .addHelpText('after', '\nExample:\n  npx smartspeed parity sma-cross-1')
    .action(async (run: string, _options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>()
      const { parityOf } = await import('../parity.ts')
      const found = await parityOf(options, run)
      await printResult(options.json, found, () => {
        const code = found.sameCode
          ? ''
          : '\n  the code is not that of the run: a difference may be a change that was meant'
        if (found.first === undefined) return `equal: ${found.rows} rows gave the same outputs again${code}`
        const { topic, offset, was, is, step, task } = found.first
        return `not equal: ${topic} at offset ${offset}, step ${step} of ${task}\n  was ${was ?? 'nothing'}\n  is  ${is ?? 'nothing'}${code}`
      })
      if (!found.equal) process.exitCode = 1
    })
}
