// Planted truth: what a run of known settings did is handed over as what an exchange did, and has to be recognised.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { triesOf } from '../bin/calibrate.ts'
import { canonical } from '../schemas/json.ts'
import type { Order } from '../schemas/records.generated.ts'
import { rowsIn, runTopology } from '../tests/backtests.ts'
import { importMarket } from '../tests/market.ts'
import { openTopics } from '../topics/index.ts'
import type { Topics } from '../topics/topics.ts'
import { calibrate, outcomesOfRun } from './calibrate.ts'
import type { TopologyInput } from './config.ts'
import { readExecutions } from './real-executions.ts'
import { requestsOf } from './resend.ts'

const root = mkdtempSync(join(tmpdir(), 'smartspeed-calibrate-'))
let topics: Topics

beforeAll(async () => {
  await importMarket(join(root, 'log'), { seed: 11, minutes: 3 })
  topics = await openTopics({ dir: join(root, 'log') })
  await run('maker', makes)
  await run('maker-truth', { ...makes, latency: { outMs: 9, backMs: 9, jitterMs: 2 } }, 'maker', 99)
  await run('taker', {})
  await run('taker-truth', { latency: 40, slippage: { ticks: 3 } })
})
afterAll(async () => {
  await topics?.close()
  rmSync(root, { recursive: true, force: true })
})

const makes = { latency: { outMs: 2, backMs: 2, jitterMs: 2 }, queue: 'conservative' } as const

function run(name: string, venue: TopologyInput['venue'], kind = name.split('-')[0], seed = 7) {
  const strategy =
    kind === 'maker'
      ? { name: 'market-maker', params: { spread: 1 } }
      : { name: 'sma-cross', params: { fast: 3, slow: 9, size: 0.3, mode: 'long-short' } }
  return runTopology(topics, name, { strategy, interval: '1s', risk: 'off', seed, venue: { ...venue, fill: 'book' } })
}

/** A run's executions as `smartspeed cat executions --format jsonl` writes them. */
async function exported(name: string) {
  const file = join(root, `${name}.jsonl`)
  const rows = await rowsIn(topics, 'executions', name)
  writeFileSync(file, rows.map((row) => `${canonical('executions', row as never)}\n`).join(''))
  return readExecutions(file)
}

async function against(simulated: string, truth: string, tries: readonly string[], requests?: readonly Order[]) {
  const real = await exported(truth)
  const how = { withinUs: 1e6, samples: 200, confidence: 0.95, seed: 1 }
  return calibrate({ topics, run: simulated, real, tries: triesOf(tries), requests, ...how })
}

describe('a planted truth', () => {
  test('of latency is recognised by its own requests, though its jitter was drawn otherwise', async () => {
    const tries = ['latency.outMs=2,9,30', 'latency.jitterMs=0,2,9']
    const requests = await requestsOf(topics, 'maker-truth')
    const { settings, best, orders, again } = await against('maker', 'maker-truth', tries, requests)
    expect(best!['latency.outMs']).toBe(9)
    expect([settings!.length, again]).toEqual([9, 'requests'])
    const found = settings!.find((one) => one.settings === best)!
    for (const other of settings!) expect(found.score).toBeLessThanOrEqual(other.score)
    const right = settings!.filter((one) => one.settings['latency.outMs'] === 9)
    expect(right.reduce((sum, { nearest }) => sum + nearest, 0)).toBeGreaterThan(0.9)
    expect(orders.matched).toBeGreaterThan(50)
  })

  test('of latency and slippage of takers is recognised exactly: nothing is left of its errors', async () => {
    const tries = ['latency=0,20,40,80', 'slippage={ticks: 0},{ticks: 3},{ticks: 9}']
    const { settings, best, groups } = await against('taker', 'taker-truth', tries)
    expect(best).toEqual({ latency: 40, slippage: { ticks: 3 } })
    const found = settings!.find((one) => one.settings === best)!
    expect(found).toMatchObject({ fillError: 0, timeErrorMs: 0, score: expect.closeTo(0, 9), nearest: 1 })
    expect(found.priceErrorBps).toBeLessThan(1e-9)
    // The run itself had neither: it filled some 40 ms too early, and 3 ticks too well, on the whole.
    const [all] = groups
    expect(all!.timeErrorMs!.high).toBeLessThan(0)
    expect(all!.timeErrorMs!.mean).toBeLessThan(-10)
    expect(all!.priceErrorBps!.high).toBeLessThan(0)
    expect(all!.fillRate).toMatchObject({ simulated: 1, real: 1, error: { mean: 0, low: 0, high: 0 } })
    expect(groups.map(({ name }) => name)).toEqual(expect.arrayContaining(['buy', 'sell', 'taker']))
  })

  test('is met exactly by its own requests in its own venue', async () => {
    const requests = await requestsOf(topics, 'maker')
    const { settings } = await against('maker', 'maker', ['fills=queue,touch'], requests)
    expect(settings![0]).toMatchObject({ fillError: 0, timeErrorMs: 0, priceErrorBps: 0, score: 0 })
    expect(settings![1]!.fillError).toBeGreaterThan(0)
  })

  test('that is the run itself has no errors at all, and the same seed gives the same figures', async () => {
    const real = await outcomesOfRun(topics, 'maker')
    const how = { topics, run: 'maker', real, tries: [], withinUs: 0, samples: 100, confidence: 0.9, seed: 3 }
    const once = await calibrate(how)
    expect(once.orders).toEqual({
      simulated: real.length,
      real: real.length,
      matched: real.length,
      matchedById: real.length,
    })
    for (const { fillRate, priceErrorBps, timeErrorMs } of once.groups) {
      for (const { mean, low, high } of [fillRate.error, priceErrorBps!, timeErrorMs!]) {
        expect(mean).toBe(0)
        expect([low, high].every((end) => end === 0 || Number.isNaN(end))).toBe(true)
      }
    }
    expect(await calibrate(how)).toEqual(once)
    expect(once.settings).toBeUndefined()
  })
})

describe('what cannot be compared', () => {
  test('is refused with what is there', async () => {
    const real = await outcomesOfRun(topics, 'taker')
    const how = { topics, real, tries: [], withinUs: 1e6, samples: 100, confidence: 0.9, seed: 3 }
    await expect(calibrate({ ...how, run: 'nobody' })).rejects.toMatchObject({ code: 'RUN_MISSING' })
    await expect(calibrate({ ...how, run: 'maker', withinUs: 0 })).rejects.toThrow(/none of \d+ real orders matches/)
    await expect(calibrate({ ...how, run: 'taker', tries: [{ queue: 'powr' }] })).rejects.toThrow(
      /venue\.queue = "powr"/,
    )
  })

  test('is told where it stands in a file', async () => {
    const read = (text: string) => {
      const file = join(root, 'real.csv')
      writeFileSync(file, text)
      return readExecutions(file)
    }
    await expect(read('side,price,size,time\nbuy,0,1,1735776000000\n')).rejects.toThrow(
      /line 2: a fill without a price/,
    )
    await expect(read('side,price,size,time\nup,1,1,1735776000000\n')).rejects.toThrow(/line 2: side = up is neither/)
    await expect(read('kind,side,price,size,time\ncancelled,buy,1,1,1735776000000\n')).rejects.toMatchObject({
      code: 'NO_DATA',
    })
  })

  test('of other layouts is read: an account’s trades of Binance, and fills of ccxt', async () => {
    const file = join(root, 'binance.json')
    const trade = {
      symbol: 'BNBBTC',
      orderId: 100234,
      price: '4.00000100',
      qty: '12.00000000',
      time: 1499865549590,
      isBuyer: true,
      isMaker: false,
    }
    writeFileSync(file, JSON.stringify([trade, { ...trade, qty: '4', price: '8.000001' }]))
    expect(await readExecutions(file)).toEqual([
      {
        ...{ id: '100234', symbol: 'BNBBTC', side: 'buy', size: Number.NaN, price: Number.NaN, placed: Number.NaN },
        ...{ filled: 16, paid: expect.closeTo(5.000001, 9), filledAt: 1_499_865_549_590_000, liquidity: 'taker' },
      },
    ])
    writeFileSync(
      file,
      'timestamp,side,price,amount,takerOrMaker\n1675329600138,sell,1666.8,26.062,maker\n1675329600139,sell,1666.8,1,maker\n',
    )
    expect(await readExecutions(file)).toMatchObject([
      { side: 'sell', filled: 26.062, liquidity: 'maker' },
      { filled: 1 },
    ])
  })
})

test('settings to try are every combination of what was said', () => {
  expect(triesOf(['queue=conservative,power', 'latency=0,{profile: hong-kong}'])).toEqual([
    { queue: 'conservative', latency: 0 },
    { queue: 'conservative', latency: { profile: 'hong-kong' } },
    { queue: 'power', latency: 0 },
    { queue: 'power', latency: { profile: 'hong-kong' } },
  ])
  expect(triesOf([])).toEqual([])
  for (const wrong of [
    ['queue'],
    ['=1'],
    ['queue='],
    ['queue=a', 'queue=b'],
    ['queue={a'],
    [`queue=${Array(201).fill('a')}`],
  ])
    expect(() => triesOf(wrong)).toThrow(/--try/)
})
