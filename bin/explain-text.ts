// An explained order as a person reads it: the answer first, then each step of the order's life.
import { durationOf, full, isoOf, minus, short, signed } from '../console/report/format.ts'
import type { Explanation, Outcome, RiskVerdict } from '../pipelines/explain.ts'
import { layouts, type RecordName } from '../schemas/records.generated.ts'
import { wrapped } from './paragraph.ts'
import { table } from './table.ts'

type Row = Readonly<Record<string, unknown>>

/** Levels and moves of the queue that are shown; JSON has all. */
const shownLevels = 5
const shownMoves = 12

/** The explanation in a terminal of that width. Times are UTC. */
export function explanationText(found: Explanation, width: number): string {
  const parts: (readonly [head: string, body: string])[] = [
    ['Why', whyText(found, width)],
    ['What the strategy saw', sawText(found, width)],
    ['Risk', riskText(found.risk.verdicts)],
    ['At the exchange', queueText(found)],
    ['What the venue said', executionsText(found)],
    ['Round trip', tripsText(found, width)],
  ]
  const { reexecution } = found
  const last = reexecution.equal
    ? `Computed again from ${reexecution.fromStep === 0 ? 'the beginning' : `the snapshot of step ${reexecution.fromStep}`} (${full(reexecution.rows)} rows): the same signal and order came out.`
    : `What it saw is left out (${reexecution.code}): ${reexecution.reason}. ${sentence(reexecution.fix)}All above is what the run wrote down.`
  const told = parts.filter(([, body]) => body !== '').map(([head, body]) => `${head}\n${fitted(body, width)}`)
  return [fitted(headline(found), width), ...told, wrapped(last, width)].join('\n\n')
}

function sentence(text: string | undefined): string {
  return text === undefined ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}. `
}

/** Paragraphs are wrapped, tables stay as they are. */
function fitted(body: string, width: number): string {
  return body
    .split('\n')
    .map((line) => (line.includes('  ') ? line : wrapped(line, width)))
    .join('\n')
}

function headline({ run, order, strategy, symbol, outcome, signal, orderRow, risk, trips }: Explanation): string {
  const name = order ?? `signal ${signal.number} of ${strategy}`
  const closing = trips.find(({ parts }) => parts.includes('closed'))
  const earned =
    closing === undefined
      ? ''
      : ` It closed round trip ${closing.number}: ${money(closing.pnl)} ${outcome.currency} after all costs.`
  if (outcome.status === 'cancel')
    return `${run}: signal ${signal.number} of ${strategy} took back ${order === '' ? `all orders of ${symbol}` : `order ${order}`}.`
  if (outcome.status === 'amend')
    return `${run}: signal ${signal.number} of ${strategy} asked for a change of order ${order}.`
  if (outcome.status === 'refused') {
    const no = risk.verdicts.find(({ allowed }) => !allowed)
    const why =
      no === undefined ? 'it asked for no change as large as one lot' : `${no.check} said ${no.reason}: ${no.detail}`
    return `${run}: ${name} for ${symbol} became no order, for ${why}.`
  }
  const side = `${orderRow?.side} of ${sizeText(outcome.size)} ${symbol}`
  return `${run}: ${name}, a ${side}, ${endText(outcome)}${costText(outcome)}.${earned}`
}

function endText({ status, reason, filled, averagePrice, size, end, endedAfterUs }: Outcome): string {
  const after = endedAfterUs === null ? '' : ` after ${durationOf(endedAfterUs / 1000)}`
  const why = reason === undefined ? '' : ` (${reason})`
  switch (status) {
    case 'filled':
      return `was filled at ${text(averagePrice)}${after}`
    case 'partly filled':
      return `was filled in part, ${sizeText(filled)} of ${sizeText(size)} at ${text(averagePrice)}, then ${end}${why}${after}`
    case 'unfilled':
      return `was not filled and ${end}${why}${after}`
    case 'rejected':
      return `was rejected by the venue${why}${after}`
    default:
      return filled > 0
        ? `was filled in part, ${sizeText(filled)}, and was still open at the end`
        : 'was still open at the end'
  }
}

function costText({ fees, currency, makerShare, costBps, costAgainst }: Outcome): string {
  if (makerShare === null) return ''
  const how = makerShare === 1 ? 'maker' : makerShare === 0 ? 'taker' : `${short(makerShare * 100)} % maker`
  const cost =
    costBps === null
      ? ''
      : `, ${short(Math.abs(costBps))} bp ${costBps < 0 ? 'better' : 'worse'} than the ${costAgainst === 'last' ? 'last price' : 'middle'} as it was decided`
  return `, as ${how}, fees ${money(fees, false)} ${currency}${cost}`
}

function whyText({ signal, saw, orderRow }: Explanation, width: number): string {
  const lines: [string, string][] = [['decided', `${isoOf(signal.received as number)} UTC`]]
  const told = causeText(saw)
  if (told !== '') lines.push(['it was told', told])
  if (saw?.row != null) {
    const { topic, partition, offset, ...fields } = saw.row
    lines.push(['at row', `${topic} ${partition}:${offset} ${fieldsText(topic, fields)}`])
  }
  lines.push(['signal', `${signal.number}: ${wishText(signal)}`])
  lines.push(['because', String(signal.reason)])
  if (orderRow !== null) lines.push(['order', orderText(orderRow)])
  return pairs(lines, width)
}

function causeText(saw: Explanation['saw']): string {
  switch (saw?.cause?.kind) {
    case 'bar': {
      const { interval, openTime, open, high, low, close, volume } = saw.cause.bar
      return `the bar of ${interval} from ${isoOf(openTime)}: open ${text(open)}, high ${text(high)}, low ${text(low)}, close ${text(close)}, volume ${short(volume)}`
    }
    case 'trade': {
      const { side, size, price } = saw.cause.trade
      return `a trade: ${side} of ${text(size)} at ${text(price)}`
    }
    case 'top':
      return 'the best prices may have changed'
    case 'execution':
      return `an execution of its own: ${saw.cause.execution.kind} of ${saw.cause.execution.clientId}`
    default:
      return ''
  }
}

function wishText(signal: Row): string {
  if (signal.action === 'target') return `a position of ${sizeText(signal.target as number)}`
  if (signal.action === 'cancel') return `take back the order "${signal.tag}"`
  if (signal.action === 'cancel-all') return 'take back all orders of the instrument'
  if (signal.action === 'amend')
    return `change the order "${signal.tag}": ${listed(signal, ['size', 'price', 'trigger'])}`
  const size = signal.size === undefined ? 'all' : text(signal.size as number)
  const price = signal.price === undefined ? 'at the market' : `at ${text(signal.price as number)}`
  const type = signal.type === 'market' || signal.type === 'limit' ? '' : `${signal.type}, `
  const more = listed(signal, conditions)
  return `${signal.side} ${size} ${price}, ${type}${signal.timeInForce}, under the tag "${signal.tag}"${more === '' ? '' : `; ${more}`}`
}

/** What an order may wait for or be tied to, as a signal names it. */
const conditions = [
  'trigger',
  'triggerBy',
  'activation',
  'callback',
  'display',
  'reduceOnly',
  'closePosition',
  'group',
  'parent',
] as const

/** Those of the fields that there are: `trigger 95, callback 0.01`. */
function listed(row: Row, names: readonly string[]): string {
  return names
    .flatMap((name) =>
      row[name] === undefined || row[name] === false ? [] : [`${name} ${row[name] === true ? '' : row[name]}`.trim()],
    )
    .join(', ')
}

function orderText(row: Row): string {
  const { side, type, timeInForce, lots, lotSize, ticks, triggerTicks, tickSize, kind } = row
  if (kind !== 'new') return String(kind)
  const priceOf = (count: unknown) => full(product(count as number, tickSize as number))
  const size = lots === undefined ? 'all' : full(product(lots as number, lotSize as number))
  const price = ticks === undefined ? '' : ` at ${priceOf(ticks)}`
  const trigger = triggerTicks === undefined ? '' : ` from ${priceOf(triggerTicks)} by ${row.triggerBy}`
  const more = listed(row, ['callback', 'reduceOnly', 'closePosition', 'group', 'parent'])
  return `${side} ${size} ${type}${price}${trigger} ${timeInForce}${more === '' ? '' : `, ${more}`}`
}

function sawText({ saw }: Explanation, width: number): string {
  if (saw === null) return ''
  const { market } = saw
  const value = (number: number | null) => (number === null ? '–' : text(number))
  const lines: [string, string][] = [
    ['position', sizeText(market.position)],
    // Candles know of no best prices.
    ...(market.bid === null && market.ask === null
      ? []
      : ([
          ['bid × size', `${value(market.bid)} × ${value(market.bidSize)}`],
          ['ask × size', `${value(market.ask)} × ${value(market.askSize)}`],
        ] as [string, string][])),
    ['last, mark', `${value(market.last)}, ${value(market.mark)}`],
  ]
  if (!market.synced) lines.push(['book', 'not in sync: nothing can be sent on it'])
  const blocks = [pairs(lines, width)]
  const { bids, asks } = market.book
  const levels = Math.min(shownLevels, Math.max(bids.length, asks.length))
  if (levels > 1) {
    const level = (side: typeof bids, at: number) => [...(side[at] ?? [])].map((one) => text(one))
    const rows = Array.from({ length: levels }, (_, at) => {
      const [bid = '', bidSize = ''] = level(bids, at)
      const [ask = '', askSize = ''] = level(asks, at)
      return [bidSize, bid, ask, askSize]
    })
    blocks.push(indented(table(['bid size', 'bid', 'ask', 'ask size'], rows)))
  }
  if (market.features !== undefined) {
    const rows = Object.entries(market.features).map(([name, one]) => [name, one === null ? '–' : short(one)])
    blocks.push(indented(twoColumns(rows)))
  }
  if (market.regimes !== undefined) {
    const rows = Object.entries(market.regimes).map(([horizon, one]) =>
      one === null
        ? [horizon, 'before warm-up', '', '', '']
        : [horizon, one.regime, short(one.confidence), short(one.strength), isoOf(one.since)],
    )
    blocks.push(indented(table(['horizon', 'regime', 'confidence', 'strength', 'since'], rows)))
  }
  for (const [interval, bar] of Object.entries(market.bars ?? {}))
    blocks.push(
      `  last bar of ${interval}: ${bar === null ? 'none yet' : `close ${text(bar.close)} at ${isoOf(bar.time)}`}`,
    )
  return blocks.join('\n')
}

function riskText(verdicts: readonly RiskVerdict[]): string {
  const number = (value: number | null) => (value === null ? '' : short(value))
  const rows = verdicts.map(({ check, allowed, value, limit, reason }) => {
    return [check, allowed ? 'yes' : 'no', number(value), number(limit), reason ?? '']
  })
  const details = verdicts.flatMap(({ check, detail }) => (detail === undefined ? [] : `${check}: ${detail}`))
  return verdicts.length === 0
    ? ''
    : [indented(table(['check', 'allowed', 'measured', 'limit', 'reason'], rows)), ...details].join('\n')
}

function queueText({ queue, orderRow, signal }: Explanation): string {
  const lots = Number(orderRow?.lotSize)
  const size = (count: number | null) => (count === null ? '?' : full(product(count, lots)))
  const lines: string[] = []
  if (queue.arrival !== null) lines.push(`  reached the exchange at ${isoOf(queue.arrival)} on its clock`)
  if (queue.moves.length === 0) return lines.join('\n')
  const since = (time: number) => durationOf((time - (signal.received as number)) / 1000)
  const half = shownMoves / 2
  const many = queue.moves.length > shownMoves
  const rowOf = ({ received, by, aheadLots, levelLots, leftLots }: (typeof queue.moves)[number]) => {
    return [since(received), by, size(aheadLots), size(levelLots), size(leftLots)]
  }
  const head = ['after', 'by', 'ahead of it', 'others at its price', 'left of it']
  const moves = many ? [...queue.moves.slice(0, half), ...queue.moves.slice(-half)] : queue.moves
  const rows = table(head, moves.map(rowOf)).split('\n')
  if (many)
    rows.splice(half + 1, 0, `… ${queue.moves.length + queue.movesLeftOut - shownMoves} more moves (--json has them)`)
  return [...lines, indented(rows.join('\n'))].join('\n')
}

function executionsText({ executions, cancels, signal }: Explanation): string {
  const since = (row: Row) => durationOf(((row.received as number) - (signal.received as number)) / 1000)
  const said = executions.map((one) => {
    const fee = one.kind === 'fill' ? money(fromE8(one.fee as string), false) : ''
    return {
      received: one.received as number,
      cells: [since(one), one.kind, ...pricesOf(one), one.liquidity ?? '', fee, one.reason ?? ''].map(String),
    }
  })
  const asked = cancels.map((one) => {
    const what = one.kind === 'amend' ? 'asked to change it' : 'asked to take it back'
    return { received: one.received as number, cells: [since(one), what, ...pricesOf(one), '', '', ''] }
  })
  const rows = [...said, ...asked].sort((a, b) => a.received - b.received).map(({ cells }) => cells)
  const head = ['seen after', 'what', 'price', 'size', 'as', 'fee', 'reason']
  return rows.length === 0 ? '' : indented(table(head, rows))
}

/** Price and size of a row, as far as it has them. */
function pricesOf({ ticks, tickSize, lots, lotSize }: Row): [string, string] {
  const told = (count: unknown, step: unknown) =>
    count === undefined ? '' : full(product(count as number, step as number))
  return [told(ticks, tickSize), told(lots, lotSize)]
}

function tripsText({ trips, outcome }: Explanation, width: number): string {
  return trips
    .map(({ number, parts, side, size, averageEntry, averageExit, entryTime, holdingMs, fees, funding, pnl }) => {
      const exit = averageExit === null ? 'still open' : `out at ${text(averageExit)} after ${durationOf(holdingMs!)}`
      return pairs(
        [
          [`${number}`, `${side} ${text(size)}, which this order ${parts.join(' and ')}`],
          ['in, out', `in at ${text(averageEntry)} from ${isoOf(entryTime)}, ${exit}`],
          [
            'earned',
            `${money(pnl)} ${outcome.currency} after fees ${money(fees, false)} and funding ${money(funding)}`,
          ],
        ],
        width,
      )
    })
    .join('\n')
}

/** Names, and beside each what there is to say, cut to the width. */
function pairs(lines: readonly (readonly [string, string])[], width: number): string {
  const names = Math.max(...lines.map(([name]) => name.length))
  const margin = ' '.repeat(names + 4)
  return lines
    .map(([name, text]) => {
      const [first, ...more] = wrapped(text, width - margin.length).split('\n')
      return [`  ${name.padEnd(names)}  ${first}`, ...more.map((line) => `${margin}${line}`)].join('\n')
    })
    .join('\n')
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}

/** Names and numbers, the second half beside the first. */
function twoColumns(rows: readonly string[][]): string {
  const half = Math.ceil(rows.length / 2)
  return table(
    ['feature', 'value', 'feature', 'value'],
    rows.slice(0, half).map((row, at) => [...row, ...(rows[half + at] ?? ['', ''])]),
  )
}

const plumbing = new Set(['received', 'time', 'exchange', 'symbol', 'timeEstimated'])

/** The fields of a market row, but for what every row has and for lists. */
function fieldsText(topic: string, fields: Row): string {
  const layout = layouts[topic.slice(topic.indexOf('.') + 1) as RecordName]
  return layout
    .filter(({ name, kind }) => !plumbing.has(name) && kind !== 'list' && fields[name] !== undefined)
    .map(({ name, time, kind }) => `${name} ${valueText(fields[name], time === true, kind === 'f64')}`)
    .join(', ')
}

/** Ids and sequences stay as they are; times, prices and sizes are written for people. */
function valueText(value: unknown, time: boolean, number: boolean): string {
  return time ? isoOf(value as number) : number ? text(value as number) : String(value)
}

function sizeText(value: number | null): string {
  return value === null ? '?' : value < 0 ? `${minus}${text(-value)}` : text(value)
}

/** A price or a size: no steps of an exchange need more digits than are shown. */
function text(value: number | null): string {
  return full(rounded(value))
}

/** Twelve digits: what a sum or a product of doubles has too many of. */
function rounded(value: number | null): number {
  return value === null ? Number.NaN : Number(value.toPrecision(12))
}

function product(count: number, step: number): number {
  return rounded(count * step)
}

function money(amount: string, sign = true): string {
  const text = short(Number(amount))
  return sign ? signed(text) : text
}

function fromE8(amount: string): string {
  return String(Number(amount) / 1e8)
}
