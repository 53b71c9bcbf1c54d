// A backtest from the command line: topics, progress, Ctrl-C, and what a person reads at its end.
import { type BacktestResult, backtest } from '../pipelines/backtest.ts'
import type { Topology } from '../pipelines/config.ts'
import { findStrategy } from '../pipelines/strategy-file.ts'
import { openTopics } from '../topics/index.ts'
import { progress } from './progress.ts'
import { stopSignal } from './stop.ts'

export interface BacktestCall {
  readonly dir: string
  readonly topology: Topology
  readonly batchRows?: number | undefined
  readonly speed?: 'max' | number
  readonly name?: string
  readonly report?: string
}

/** Runs it and, when asked for, writes its report. */
export async function runBacktest(call: BacktestCall): Promise<BacktestResult> {
  const { strategy, file, codeHash } = await findStrategy(call.topology.strategy.name)
  const topics = await openTopics({ engine: call.topology.engine ?? 'embedded', dir: call.topology.dir ?? call.dir })
  const bar = progress('backtest', {})
  try {
    const result = await backtest({
      ...{
        topics,
        topology: call.topology,
        strategy,
        codeHash,
        clock: { nowMs: () => Date.now() },
        signal: stopSignal(),
      },
      ...(file === undefined ? {} : { strategyFile: file }),
      ...(call.name === undefined ? {} : { name: call.name }),
      ...(call.batchRows === undefined ? {} : { batchRows: call.batchRows }),
      ...(call.speed === undefined ? {} : { speed: call.speed }),
      onStep: ({ rows, total }) => bar.update(rows, total),
    })
    bar.stop()
    if (call.report !== undefined) {
      const { writeReport } = await import('./report.ts')
      await writeReport(topics, result.run, call.report)
    }
    return result
  } finally {
    bar.stop()
    await topics.close()
  }
}

/** The result in a screen of 80 columns, the answer first. */
export function summaryOf(result: BacktestResult): string {
  const { metrics, span } = result
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${money(Math.abs(value))}`
  const start = metrics.startEquity ?? 0
  const profit = result.finalEquity - start
  const percent = metrics.totalReturn === null ? '' : `  (${signed(metrics.totalReturn * 100)} % of opening equity)`
  const line = (name: string, value: string) => `  ${name.padEnd(22)}${value}`
  const figure = (value: number | null, digits = 2) =>
    value === null ? 'not given' : value.toFixed(digits).replace('-', '−')
  return [
    `${result.run}: ${profit >= 0 ? 'made' : 'lost'} ${money(Math.abs(profit))}${percent}`,
    line('from', `${new Date(span.from / 1000).toISOString()}`),
    line('to', `${new Date(span.to / 1000).toISOString()}`),
    line('final equity', money(result.finalEquity)),
    line('fees', money(result.fees)),
    line('fills, round trips', `${result.fills}, ${result.trades}`),
    line('max drawdown', `${figure((metrics.intradayMaxDrawdown ?? 0) * 100)} %`),
    line(
      'Sharpe (365 days)',
      metrics.sharpe === null ? `not given: ${metrics.reasons?.sharpe ?? ''}` : figure(metrics.sharpe),
    ),
    line('speed', `${result.rows} rows in ${result.seconds.toFixed(2)} s, ${result.peakRssMb} MB`),
    line('hash of executions', result.hashes.executions.slice(0, 16)),
    ...result.openPositions.map((one) =>
      line('still open', `${one.size} ${one.symbol}, ${signed(one.unrealized)} at mark`),
    ),
    ...result.warnings.map((warning) => `  ! ${warning.code}: ${warning.message}`),
  ].join('\n')
}

/** Thin spaces every three digits, two decimals. */
function money(value: number): string {
  const [whole, part] = value.toFixed(2).split('.')
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, '\u2009')}.${part}`
}
