// A backtest from the command line: topics, progress, Ctrl-C, and what a person reads at its end.

import { e8ToText } from '../operators/portfolio/money.ts'
import { backtest } from '../pipelines/backtest.ts'
import type { Topology } from '../pipelines/config.ts'
import type { BacktestResult } from '../pipelines/result.ts'
import { findSeats } from '../pipelines/seats.ts'
import type { TradingSummary } from '../pipelines/trading.ts'
import { openLog, type Where } from './options.ts'
import { progress } from './progress.ts'
import { stopSignal } from './stop.ts'

export interface BacktestCall extends Where {
  readonly topology: Topology
  readonly batchRows?: number | undefined
  readonly speed?: 'max' | number
  readonly name?: string
  readonly report?: string
}

/** Runs it and, when asked for, writes its report. */
export async function runBacktest(call: BacktestCall): Promise<BacktestResult> {
  const { seats, codeHash } = await findSeats(call.topology)
  const topics = await openLog({
    ...call,
    engine: call.topology.engine ?? call.engine,
    dir: call.topology.dir ?? call.dir,
  })
  const bar = progress('backtest', {})
  try {
    const result = await backtest({
      ...{
        topics,
        topology: call.topology,
        seats,
        codeHash,
        clock: { nowMs: () => Date.now() },
        signal: stopSignal(),
      },
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

/** Open positions that a person is told of. */
const openLines = 10

/** The result in a screen of 80 columns, the answer first. */
export function summaryOf(result: BacktestResult): string {
  const { metrics, span, summary } = result
  const unit = summary.currency
  const several = new Set(result.openPositions.map(({ exchange }) => exchange)).size > 1
  const nameOf = (one: { exchange: string; symbol: string }) => (several ? `${one.exchange}:${one.symbol}` : one.symbol)
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${money(Math.abs(value))}`
  const profit = result.finalEquity - (metrics.startEquity ?? 0)
  const share = metrics.totalReturn === null ? '' : ` (${percent(metrics.totalReturn, true)} of the opening equity)`
  const line = (name: string, value: string) => `  ${name.padEnd(22)}${value}`
  const figure = (name: 'sharpe' | 'calmar') => {
    const value = metrics[name]
    return value === null ? `not given: ${metrics.reasons[name]}` : value.toFixed(2).replace('-', '−')
  }
  return [
    `${result.run}: ${profit < 0 ? 'lost' : 'made'} ${money(Math.abs(profit))} ${unit}${share}`,
    line('from, to (UTC)', `${iso(span.from)} … ${iso(span.to)}`),
    line('final equity', `${money(result.finalEquity)} ${unit}`),
    line('fees, funding', `${money(result.fees)}, ${signed(result.funding)} ${unit}`),
    line('fills, round trips', `${result.fills}, ${result.trades}`),
    ...(summary.margin === undefined ? [] : [line('liquidations', liquidated(summary.margin, unit))]),
    line('deepest drawdown', `${percent(metrics.intradayMaxDrawdown ?? 0)} of the equity before it`),
    line('Sharpe (365 days)', figure('sharpe')),
    line('speed', `${result.rows} rows in ${result.seconds.toFixed(2)} s, ${result.peakRssMb} MB`),
    line('hash of executions', result.hashes.executions.slice(0, 16)),
    ...(result.strategies.length === 1 ? [] : result.strategies).map(({ account, ...one }) => {
      const made = signed(one.finalEquity - (one.metrics.startEquity ?? 0))
      return line(account.slice(0, 20), `${made} ${unit}, ${one.fills} fills, ${one.trades} round trips`)
    }),
    ...result.openPositions
      .slice(0, openLines)
      .map((one) =>
        line(
          'still open',
          `${one.size} ${nameOf(one)}${result.strategies.length === 1 ? '' : ` of ${one.account}`}, ${signed(one.unrealized)} ${unit} at mark`,
        ),
      ),
    ...(result.openPositions.length > openLines
      ? [line('still open', `${result.openPositions.length - openLines} more: --json has them all`)]
      : []),
    ...result.warnings.map((warning) => `  ! ${warning.code}: ${warning.message}`),
  ].join('\n')
}

function liquidated({ liquidations, insuranceFundE8 }: NonNullable<TradingSummary['margin']>, unit: string): string {
  return `${liquidations === 0 ? 'none' : liquidations}, insurance fund ${e8ToText(BigInt(insuranceFundE8)).replace('-', '−')} ${unit}`
}

function iso(time: number): string {
  return new Date(time / 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

function percent(share: number, sign = false): string {
  const text = `${Math.abs(share * 100).toPrecision(3)} %`
  return `${share < 0 ? '−' : sign ? '+' : ''}${Number(text.slice(0, -2)) === 0 ? '0 %' : text}`
}

/** Thin spaces every three digits; two decimals, or as many as a small amount needs for four digits. */
function money(value: number): string {
  const decimals = value >= 10 || value === 0 ? 2 : Math.min(8, Math.max(2, 3 - Math.floor(Math.log10(value))))
  const [whole, part] = value.toFixed(decimals).split('.')
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, '\u2009')}.${part}`
}
