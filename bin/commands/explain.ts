// `smartspeed explain RUN ORDER`: the row, signal, risk, queue and fills of one order.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'
import { terminalWidth } from '../paragraph.ts'

export function register(program: Command): void {
  program
    .command('explain <run> <order>')
    .description('why an order was sent, what was known then, and what became of it')
    .addHelpText(
      'after',
      `
The order is its client id or the end of it (sma-cross.main.7, main.7, 7), or a signal that became none (signal:12).

Example:
  npx smartspeed explain sma-cross-1 1`,
    )
    .action(async (run: string, order: string, _options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions>()
      const { explainOrder } = await import('../explain.ts')
      const { explanationText } = await import('../explain-text.ts')
      const found = await explainOrder(options, run, order)
      await printResult(options.json, found, () => explanationText(found, terminalWidth()))
    })
}
