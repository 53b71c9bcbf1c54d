// `smartspeed backtest`: the trading graph over replayed topics.
import type { Command } from 'commander'
import { printResult } from '../output.ts'
import { cutting, type TradingFlags, topologyOf, withPlaces, withTradingFlags } from '../trading-flags.ts'

interface Flags extends TradingFlags {
  report?: string
}

export function register(program: Command): void {
  const command = program.command('backtest [topology]').description('run the trading graph over replayed topics')
  withTradingFlags(command)
    .option('--report <file>', 'also write the HTML report')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed backtest --strategy sma-cross --set fast=10 --set slow=30 --exchange binance-usdm --symbol BTCUSDT --interval 1s',
    )
    .action(async (topology: string | undefined, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { runBacktest, summaryOf } = await import('../backtest.ts')
      const call = { ...flags, ...cutting(flags), topology: await topologyOf(topology, flags, { command: 'backtest' }) }
      const result = await withPlaces({ topology, risk: flags.risk }, () => runBacktest(call))
      await printResult(flags.json, shown(result), () => summaryOf(result))
    })
}

/** What CLI.md promises, in its order; what a person's summary needs besides stays inside. */
function shown({ summary: _summary, span: _span, ...result }: import('../../pipelines/result.ts').BacktestResult) {
  return result
}
