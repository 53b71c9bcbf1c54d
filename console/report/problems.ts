// What was wrong with the data or the set-up, and what a reader must know of them.

import type { Plan } from '../../pipelines/plan.ts'
import type { Warning } from '../../pipelines/result.ts'
import type { Problem } from './data.ts'
import { durationOf, isoOf } from './format.ts'
import type { BookScan } from './scan-books.ts'
import type { MarketScan } from './scan-market.ts'

/** Warnings of the runner that question a result; the others are to be known. */
const grave: ReadonlySet<string> = new Set(['FILL_AT_SIGNAL_CLOSE'])

/** Problems in the order of weight. */
export function problemsOf(
  {
    market,
    books,
    warnings,
  }: { market: MarketScan; books: ReadonlyMap<string, BookScan>; warnings: readonly Warning[] },
  plan: Plan,
): Problem[] {
  const where = `${plan.exchange} ${plan.symbols.join(', ')}`
  const problems: Problem[] = [
    ...gapProblem(market, where),
    ...[...books].flatMap(([symbol, book]) =>
      bookProblems(book, plan.exchange.includes(',') ? symbol : `${plan.exchange} ${symbol}`),
    ),
    ...letterProblems(market, plan.exchange),
  ]
  for (const { code, message } of warnings) {
    // A run without trades has a place of its own at the top of the page.
    if (code === 'NO_TRADES') continue
    problems.push({ level: grave.has(code) ? 'bad' : 'note', what: code, where, count: undefined, detail: message })
  }
  if (market.estimated > 0) {
    const detail = 'the exchange gave no time for these rows: it was derived from when they were received'
    problems.push({ level: 'note', what: 'Estimated times', where, count: market.estimated, detail })
  }
  if (market.stepsBack > 0) {
    const detail = 'rows with an exchange time before that of the row before; they were processed as received'
    problems.push({ level: 'note', what: 'Times that step back', where, count: market.stepsBack, detail })
  }
  problems.push(...market.clocks.map(clockProblem))
  return problems.sort((a, b) => Number(b.level === 'bad') - Number(a.level === 'bad'))
}

function gapProblem({ gaps }: MarketScan, where: string): Problem[] {
  if (gaps.length === 0) return []
  const longest = gaps.reduce((most, gap) => (gap.to - gap.from > most.to - most.from ? gap : most))
  const detail = `nothing was received; the longest for ${durationOf((longest.to - longest.from) / 1e3)} from ${isoOf(longest.from)}Z; hatched in the charts`
  return [{ level: 'bad', what: 'Gaps', where, count: gaps.length, detail }]
}

function bookProblems({ gaps, firstGap, crossed, startUs, outUs, rows }: BookScan, where: string): Problem[] {
  const problems: Problem[] = []
  const bad = (what: string, count: number, detail: string) =>
    problems.push({ level: 'bad', what, where, count, detail })
  if (startUs === undefined)
    bad('Book never in sync', rows, 'no snapshot fits the depth messages: nothing was decided on this book')
  else if (startUs > 0) {
    const detail = `the book waited ${durationOf(startUs / 1e3)} for a snapshot that its updates join; nothing was decided before`
    problems.push({ level: 'note', what: 'Book in sync late', where, count: undefined, detail })
  }
  if (gaps > 0) {
    const begin = firstGap === undefined ? '' : `, the first at ${isoOf(firstGap)}Z`
    bad(
      'Gaps in the depth',
      gaps,
      `messages are missing${begin}; out of sync for ${durationOf(outUs / 1e3)} in all, and nothing decided then`,
    )
  }
  if (crossed > 0)
    bad(
      'Crossed book',
      crossed,
      'the best bid was not below the best ask after these rows; nothing was decided on them',
    )
  return problems
}

function letterProblems({ deadLetters }: MarketScan, exchange: string): Problem[] {
  const detail = 'messages that could not be read; their bytes are kept: npx smartspeed dead-letters'
  return [...deadLetters].map(([reason, count]) => ({
    level: 'bad' as const,
    what: reason,
    where: exchange,
    count,
    detail,
  }))
}

function clockProblem({ exchange, connection, offset, rows }: MarketScan['clocks'][number]): Problem {
  const away = durationOf(Math.abs(offset) / 1e3)
  const detail = `the exchange’s clock is ${away} ${offset < 0 ? 'behind' : 'ahead of'} the recorder’s; orders arrive on the exchange’s clock`
  return { level: 'note', what: 'Clock offset', where: `${exchange} ${connection}`, count: rows, detail }
}
