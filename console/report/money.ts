// Where the money went: from what the market gave to what the account got, as steps that add up to the last 10⁻⁸.
import type { ExecutionCost, ReportData } from './data.ts'
import { decimalsE8, full, fullE8, percent, short, signed } from './format.ts'
import { arrow } from './headline.ts'
import { type Html, html } from './html.ts'
import { box } from './tables.ts'
import { accountedFor, netOf } from './verdict.ts'

interface Step {
  readonly name: string
  readonly meaning: string
  readonly amount: bigint
}

/** A sentence, and the steps as bars: each begins where the one before it ended. */
export function moneyTable(data: ReportData): Html {
  const { money, currency, execution } = data
  const net = netOf(money)
  const steps = stepsOf(data)
  let sum = 0n
  const ends = steps.map(({ amount }) => (sum += amount))
  const low = [0n, net, ...ends].reduce((least, one) => (one < least ? one : least))
  const high = [0n, net, ...ends].reduce((most, one) => (one > most ? one : most))
  const decimals = Math.max(...[net, ...steps.map(({ amount }) => amount)].map(decimalsE8))
  const place = (from: bigint, to: bigint) => bar({ from, to, low, high })
  const table = html`<table class="money"><thead><tr><th>Step</th><th class="number">${currency}</th><th class="share"></th><th>What it is</th></tr></thead>
<tbody>${steps.map((step, at) => stepRow(step, place(ends[at - 1] ?? 0n, ends[at]!), decimals))}${stepRow({ name: 'Net result', meaning: `${fullE8(money.start)} became ${fullE8(money.end)}`, amount: net }, place(0n, net), decimals, true)}</tbody></table>`
  return html`<p>${sentence(data)}</p>${box('money', 'From the market to the account', table)}${execution.unknown !== undefined && execution.taken + execution.rested > 0 && html`<p class="caption money-note">Spread: ${execution.unknown}.</p>`}`
}

function stepsOf(data: ReportData): Step[] {
  const { money, execution } = data
  const { takerFees, makerFees } = execution
  const { fees, funding } = money
  const steps = tradedOf(data)
  if (takerFees !== 0n && makerFees !== 0n && takerFees + makerFees === fees) {
    steps.push(...sided('Fees', [takerFees, makerFees], execution))
  } else steps.push({ name: 'Fees', meaning: 'paid to the venue, rebates deducted', amount: -fees })
  steps.push({ name: 'Funding', meaning: 'received less paid', amount: funding })
  const missing = netOf(money) - accountedFor(money)
  if (missing !== 0n)
    steps.push({ name: 'Not accounted for', meaning: 'a fault: what no record explains', amount: missing })
  return steps
}

/** What the market gave, and what trading in it took, as far as that is known. */
function tradedOf({ money: { realized, unrealized }, execution }: ReportData): Step[] {
  const { takerSpread, makerSpread, slippage = 0n, latency = 0n } = execution
  const isSpreadKnown = takerSpread !== undefined && makerSpread !== undefined
  if (!isSpreadKnown && slippage === 0n) {
    return [
      { name: 'Closed positions', meaning: 'profit at average cost, before fees and funding', amount: realized },
      { name: 'Open positions', meaning: 'profit at the last mark, not yet taken', amount: unrealized },
    ]
  }
  const spread = isSpreadKnown ? takerSpread + makerSpread : 0n
  const asIf = isSpreadKnown ? 'at the middle of bid and ask, and at once' : 'at the price of its candle'
  const costs: Step[] = [
    {
      name: 'Latency when taking',
      meaning: 'what the middle moved between the decision and the fill, against us where it is a loss',
      amount: -latency,
    },
    {
      name: 'Slippage when taking',
      meaning: 'what the assumed slippage made prices worse',
      amount: -slippage,
    },
  ]
  return [
    {
      name: 'Moves of the price',
      meaning: `had every fill been ${asIf}; ${signed(fullE8(unrealized))} of it not yet taken`,
      amount: realized + unrealized + spread + slippage + latency,
    },
    ...costs.filter(({ amount }) => amount !== 0n),
    ...(isSpreadKnown ? sided('Spread', [takerSpread, makerSpread], execution) : []),
  ]
}

/** What taking and resting paid, each where there was any of it. */
function sided(what: 'Spread' | 'Fees', [taking, resting]: [bigint, bigint], { taken, rested }: ExecutionCost): Step[] {
  const distance = what === 'Spread' ? ': distance from the middle' : ''
  const steps = [
    {
      name: `${what} when taking`,
      meaning: `${fills(taken)} that met the market${distance}`,
      amount: -taking,
      of: taken,
    },
    {
      name: `${what} when resting`,
      meaning: `${fills(rested)} that waited for it${distance}`,
      amount: -resting,
      of: rested,
    },
  ]
  return steps.filter(({ of }) => of > 0)
}

const fills = (count: number): string => `${full(count)} fill${count === 1 ? '' : 's'}`

function stepRow({ name, meaning, amount }: Step, place: Html, decimals: number, sum = false): Html {
  const side = amount > 0n ? 'gain' : amount < 0n ? 'loss' : undefined
  return html`<tr${sum && html` class="sum"`}><th scope="row">${name}</th><td class="number ${side ?? ''}">${side && arrow(side)}${signed(fullE8(amount, decimals))}</td><td class="share">${place}</td><td class="unit">${meaning}</td></tr>`
}

/** A bar from one amount to another on the scale of all; the line is zero. */
function bar({ from, to, low, high }: { from: bigint; to: bigint; low: bigint; high: bigint }): Html {
  if (high === low) return html``
  const at = (amount: bigint) => (Number(amount - low) / Number(high - low)) * 100
  const [left, right] = from < to ? [at(from), at(to)] : [at(to), at(from)]
  const width = Math.max(right - left, from === to ? 0 : 0.3)
  return html`<div class="steps"><i style="left: ${at(0n).toFixed(2)}%"></i>${from !== to && html`<span class="${to > from ? 'plus' : 'less'}" style="left: ${left.toFixed(2)}%; width: ${width.toFixed(2)}%"></span>`}</div>`
}

/** What ate the profit, or what did not. */
function sentence({ money, currency, performance, execution }: ReportData): string {
  const { realized, unrealized, fees, funding } = money
  const spread = (execution.takerSpread ?? 0n) + (execution.makerSpread ?? 0n)
  const { slippage = 0n, latency = 0n } = execution
  const gross = realized + unrealized + spread + slippage + latency
  const costs = fees - funding + spread + slippage + latency
  const amount = (e8: bigint) => short(Math.abs(Number(e8)) / 1e8)
  if (execution.taken + execution.rested === 0) return 'Nothing was traded, nothing was paid.'
  const parts = Object.entries({ [fees < 0n ? 'rebates' : 'fees']: fees, spread, slippage, latency, funding }).flatMap(
    ([name, e8]) => (e8 === 0n ? [] : name),
  )
  const what =
    parts.length < 2 ? (parts[0] ?? 'costs') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)} together`
  const { notional } = performance
  const alone =
    parts.length === 1 ? 'That is' : `${fees > 0n ? 'Fees' : 'Rebates'} alone were ${amount(fees)} ${currency},`
  const turnover =
    notional === null || notional === 0 || fees === 0n
      ? ''
      : ` ${alone} ${short(Math.abs((Number(fees) / 1e8 / notional) * 1e4))} bp of the ${short(notional)} ${currency} traded.`
  if (gross <= 0n) {
    const lost = gross === 0n ? 'gained nothing' : `lost ${amount(gross)} ${currency}`
    const took = costs >= 0n ? `took another ${amount(costs)}` : `gave back ${amount(costs)}`
    return `Positions ${lost} before costs; ${what} ${took} ${currency}.${turnover}`
  }
  const gained = `Positions gained ${amount(gross)} ${currency} before costs`
  if (costs <= 0n) return `${gained}; ${what} added ${amount(costs)} ${currency}.${turnover}`
  const share = percent(Number(costs) / Number(gross))
  return `${gained}; ${what} took ${amount(costs)} ${currency}, ${share} % of it.${turnover}`
}
