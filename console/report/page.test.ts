import { inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sampleReport } from '../../tests/browser/sample-report.ts'
import type { ReportData } from './data.ts'
import { reasonOf } from './metrics.ts'
import { renderReport } from './page.ts'
import { accountedFor, netOf, verdictOf, whyNoTrades } from './verdict.ts'

const sample = sampleReport({ minutes: 40 * 1440, tradeChance: 0.01 })
const nothing = { fills: 0, orders: 0, signals: 0, cancelled: 0, expired: 0 }
const idle = (activity: Partial<ReportData['activity']>, more: Partial<ReportData> = {}): ReportData => ({
  ...sample,
  ...more,
  activity: { ...sample.activity, ...nothing, ...activity },
})

describe('how much luck there is', () => {
  const money = { ...sample.money, end: sample.money.start + 1n }
  const verdicts = [{ strategy: 'sma-cross', study: 's1', verdict: 'red' as const, reason: 'noise is as good' }]

  test('is said on the first screen: how many were tried, and what validation found', () => {
    const page = renderReport({ ...sample, luck: { trials: 10_191, verdicts } })
    const at = page.indexOf('id="luck"')
    expect(page.slice(at, page.indexOf('</header>', at))).toMatch(
      /10.191 trials were made on this market · <span class="mark bad">red<\/span>sma-cross by study <span class="id">s1/,
    )
    expect(page).toContain(
      'its page: the same <code>npx smartspeed validate</code> with <code>--name s1 --report FILE.html</code>',
    )
    expect(renderReport({ ...sample, luck: { trials: 1, verdicts: [] } })).toContain('The only trial that was made')
  })

  test('is a doubt unless validation settled it', () => {
    const doubtsOf = (luck: ReportData['luck']) => verdictOf({ ...sample, money, ...(luck && { luck }) }).doubts
    const without = doubtsOf(undefined)
    const extra = (luck: ReportData['luck']) => doubtsOf(luck).filter((doubt) => !without.includes(doubt))
    expect(extra({ trials: 1, verdicts: [] })).toEqual([])
    expect(extra({ trials: 40, verdicts: [] })).toEqual(['one of 40 trials on this market, not validated'])
    expect(extra({ trials: 40, verdicts: [{ ...verdicts[0]!, verdict: 'green' }] })).toEqual([])
    expect(extra({ trials: 40, verdicts })).toEqual([
      'validation says that this is luck (sma-cross, study s1): noise is as good',
    ])
  })
})

describe('the verdict', () => {
  test('of a loss is that money was lost', () => {
    expect(netOf(sample.money)).toBe(accountedFor(sample.money))
    expect(verdictOf(sample)).toMatchObject(
      netOf(sample.money) < 0n ? { level: 'bad', word: 'Lost money' } : { word: 'Made money' },
    )
  })

  test('of a profit is good only without any doubt', () => {
    const money = {
      ...sample.money,
      end: sample.money.start + 500_000_000n,
      realized: 500_000_000n,
      unrealized: 0n,
      fees: 0n,
    }
    expect(verdictOf({ ...sample, money })).toMatchObject({ level: 'good', word: 'Made money', doubts: [] })
    const short = verdictOf({ ...sample, money, to: sample.from + 3_600_000_000 })
    expect(short).toMatchObject({ level: 'caution', doubts: ['1h of data, less than 30 days'] })
    expect(verdictOf({ ...sample, money, tripsOf: 3 }).doubts).toEqual(['3 closed round trips, fewer than 30'])
  })

  test('is bad when the parts of the result do not add up to it, by one 10⁻⁸', () => {
    const money = { ...sample.money, fees: sample.money.fees + 1n }
    expect(verdictOf({ ...sample, money })).toMatchObject({ level: 'bad', word: 'Does not add up' })
    expect(renderReport({ ...sample, money })).toContain('Not accounted for')
  })

  test('of a run that was stopped is that it is incomplete', () => {
    expect(verdictOf({ ...sample, status: 'interrupted' }).word).toBe('Incomplete')
  })
})

describe('the sentence on costs', () => {
  const said = (
    amounts: Partial<ReportData['money']>,
    notional: number,
    execution: Partial<ReportData['execution']>,
  ) => {
    const zero = { realized: 0n, unrealized: 0n, fees: 0n, funding: 0n }
    const data = {
      ...{ ...sample, money: { ...sample.money, ...zero, ...amounts } },
      ...{ performance: { ...sample.performance, notional }, execution: { ...sample.execution, ...execution } },
    }
    return /Positions [^<]*?(?=<)/.exec(renderReport(data))![0].replaceAll('\u2009', ' ')
  }
  const none = { takerSpread: 0n, makerSpread: 0n }

  test('says what took how much, and the fees on their own', () => {
    const fees = { realized: -100_00000000n, fees: 40_00000000n }
    expect(said(fees, 100_000, none)).toBe(
      'Positions lost 100 USDT before costs; fees took another 40 USDT. That is 4 bp of the 100.0 k USDT traded.',
    )
    const all = { realized: 90_00000000n, fees: 20_00000000n, funding: -5_00000000n }
    expect(said(all, 100_000, { takerSpread: 10_00000000n, makerSpread: 0n })).toBe(
      'Positions gained 100 USDT before costs; fees, spread and funding together took 35 USDT, 35 % of it. Fees alone were 20 USDT, 2 bp of the 100.0 k USDT traded.',
    )
  })

  test('counts slippage among the costs, also where no spread is known', () => {
    const candles = { takerSpread: undefined, makerSpread: undefined, latency: undefined, slippage: 6_00000000n }
    expect(said({ realized: 34_00000000n, fees: 4_00000000n }, 10_000, candles)).toBe(
      'Positions gained 40 USDT before costs; fees and slippage together took 10 USDT, 25 % of it. Fees alone were 4 USDT, 4 bp of the 10.00 k USDT traded.',
    )
  })

  test('calls fees that were received rebates', () => {
    expect(said({ realized: 10_00000000n, fees: -2_00000000n }, 10_000, none)).toBe(
      'Positions gained 10 USDT before costs; rebates added 2 USDT. That is 2 bp of the 10.00 k USDT traded.',
    )
  })
})

describe('a run without trades says why', () => {
  test('when there were no data', () => {
    expect(whyNoTrades(idle({ bars: undefined, marketRows: 0 }))?.why).toBe('The strategy saw no data.')
  })

  test('when the warm-up was longer than the data', () => {
    expect(whyNoTrades(idle({ bars: 12, warmup: 30 }))?.why).toContain('from bar 30 on, and the data end after 12 bars')
  })

  test('when there was no signal', () => {
    expect(whyNoTrades(idle({ bars: 500 }))?.why).toBe('The strategy gave no signal in 500 bars.')
  })

  test('when every signal was rejected, and by what', () => {
    const why = whyNoTrades(idle({ signals: 40 }))?.why
    expect(why).toContain('40 signals, and no order')
    expect(why).toContain('the check stale-data said STALE_DATA (12 times): last row 61 s old')
  })

  test('when no order was filled', () => {
    const why = whyNoTrades(idle({ signals: 9, orders: 9, cancelled: 7 }, { refusals: [] }))?.why
    expect(why).toBe('9 orders reached the venue and none was filled: 7 cancelled, 0 expired.')
  })

  test('and the page says it under the title', () => {
    expect(renderReport(idle({ bars: 12, warmup: 30 }))).toContain('Why there are no trades.')
    expect(renderReport(sample)).not.toContain('Why there are no trades.')
  })
})

describe('the page', () => {
  const page = renderReport(sample)

  test('names nothing outside itself', () => {
    const markup = page.replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, '')
    expect(markup.match(/(src|href|url|action)\s*[=(]/gi)).toBeNull()
    expect(/<style>[\s\S]*<\/style>/.exec(page)![0]).not.toMatch(/@import|url\(/i)
    expect(page).toContain("default-src 'none'")
  })

  test('carries text of the data as text: a tag in the config stays a name', () => {
    const hostile = {
      ...sample,
      run: '<img src=x onerror=alert(1)>',
      config: { '</script><script>alert(1)</script>': '<b>' },
    }
    const text = renderReport(hostile)
    expect(text).not.toContain('<img src=x')
    expect(text).not.toContain('<script>alert(1)')
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  test('carries every point of its curves, bit by bit', () => {
    const json = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!)
    const packed = /<script type="text\/plain" id="columns">(.*?)<\/script>/s.exec(page)![1]!
    const bytes = inflateRawSync(Buffer.from(packed, 'base64'))
    const [type, at, length] = json.equity.values.$
    expect(type).toBe('Float64Array')
    expect(new Float64Array(bytes.buffer, bytes.byteOffset + at, length)).toEqual(sample.equity.values)
  })

  test('gives for each missing figure its reason', () => {
    const short = sampleReport({ minutes: 600, tradeChance: 0 })
    expect(renderReport(short)).toContain('needs 30 days of data, has 10h')
    expect(reasonOf('winRate', short.performance)).toBe('no trade was closed')
  })

  test('names the strategies among the settings, not their JSON, which no narrow screen holds', () => {
    const [seat] = sample.seats
    const regimes = { RANGING: { name: 'mean-reversion', params: { bars: 20 } }, BULL: { name: 'none', params: {} } }
    const page = renderReport({ ...sample, seats: [{ ...seat!, params: { horizon: '1h', regimes } }] })
    expect(page).toContain('horizon 1h, regimes RANGING mean-reversion · BULL none')
  })

  test('is the same for the same data', () => {
    expect(renderReport(sample)).toBe(page)
  })
})
