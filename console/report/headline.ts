// The six numbers under the title. Each says what it is of; its full precision shows on hover.
import type { ReportData } from './data.ts'
import { durationOf, full, fullE8, percent, short, signed } from './format.ts'
import { type Html, html } from './html.ts'
import { reasonOf } from './metrics.ts'
import { netOf } from './verdict.ts'

interface Big {
  readonly name: string
  readonly value: string | undefined
  readonly title: string
  readonly more: string
  /** Above zero gain, below loss; undefined: neither. */
  readonly tone?: number
}

export function headline(data: ReportData): Html {
  return html`<dl class="headline" id="headline">${numbersOf(data).map(cell)}</dl>`
}

function cell({ name, value, title, more, tone }: Big): Html {
  const side = tone === undefined || tone === 0 ? undefined : tone > 0 ? 'gain' : 'loss'
  return html`<div><dt>${name}</dt><dd class="big" title="${title}">${
    value === undefined
      ? html`<span class="muted">–</span>`
      : html`<span${side && html` class="${side}"`}>${side && arrow(side)}${value}</span>`
  }</dd><dd class="more">${more}</dd></div>`
}

/** What is gain or loss is said by sign and arrow, and coloured besides. */
export function arrow(side: 'gain' | 'loss'): Html {
  return html`<span class="arrow" aria-hidden="true">${side === 'gain' ? '▲' : '▼'}</span>`
}

function numbersOf(data: ReportData): Big[] {
  const { performance, money, currency, tripsOf, open } = data
  const { totalReturn, sharpe, winRate } = performance
  const net = netOf(money)
  const costs = money.fees - money.funding
  return [
    {
      name: `Net result, ${currency}`,
      value: signed(short(amount(net))),
      title: `${signed(fullE8(net))} ${currency}`,
      more: `from ${fullE8(money.start)} at the start`,
      tone: Number(net),
    },
    {
      name: 'Return, % of the start',
      value: totalReturn === null ? undefined : signed(percent(totalReturn)),
      title: totalReturn === null ? reasonOf('totalReturn', performance) : `${full(totalReturn * 100)} %`,
      more:
        totalReturn === null ? reasonOf('totalReturn', performance) : `in ${durationOf((data.to - data.from) / 1_000)}`,
      tone: totalReturn ?? undefined,
    },
    drawdown(data),
    {
      name: 'Sharpe ratio, a year',
      value: sharpe === null ? undefined : signed(short(sharpe)),
      title: sharpe === null ? reasonOf('sharpe', performance) : full(sharpe),
      more: sharpe === null ? reasonOf('sharpe', performance) : 'daily returns, risk-free 0',
    },
    {
      name: 'Closed round trips',
      value: short(tripsOf),
      title: full(tripsOf),
      more: `${winRate === null ? '' : `${percent(winRate)} % of them won`}${winRate === null || open.length === 0 ? '' : ', '}${open.length === 0 ? '' : `${open.length} still open`}`,
    },
    {
      name: `Fees less funding, ${currency}`,
      value: signed(short(-amount(costs))),
      title: `${signed(fullE8(-costs))} ${currency}`,
      more: `${data.activity.fills === 0 ? 'no fill' : `${short(data.activity.fills)} fills`}${perValue(data)}`,
      tone: -Number(costs),
    },
  ]
}

function drawdown({ performance }: ReportData): Big {
  const { intradayMaxDrawdown: depth, intradayMaxDrawdownDurationMs: ms, intradayMaxDrawdownRecovery } = performance
  const name = 'Drawdown, % of the peak'
  if (depth === null) {
    const reason = reasonOf('intradayMaxDrawdown', performance)
    return { name, value: undefined, title: reason, more: reason }
  }
  const recovery = intradayMaxDrawdownRecovery === null ? 'not recovered in' : 'recovered in'
  const more = ms === null ? 'equity was never below an earlier value' : `${recovery} ${durationOf(ms)}`
  return { name, value: signed(percent(depth)), title: `${full(depth * 100)} %`, more, tone: depth }
}

function perValue({ money, performance: { notional } }: ReportData): string {
  if (notional === null || notional === 0) return ''
  return `, fees ${short((amount(money.fees) / notional) * 10_000)} bp of value traded`
}

const amount = (e8: bigint): number => Number(e8) / 1e8
