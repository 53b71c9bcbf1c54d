// How long does an order wait for all layers of risk, in an account with a hundred open positions?
import { random } from '../operators/random.ts'
import { trial } from '../operators/risk/samples.ts'
import { type Bench, type Figure, mustEqual } from './bench.ts'

const positions = 100
/** As many as a busy minute has (S2 §4.2.2: 10,000 orders a minute). */
const perMinute = 10_000
const minuteUs = 60e6

export const risk: Bench = {
  name: 'risk',
  question:
    'an order through every layer of risk, 100 open positions, a market moving before each of 10,000 orders a minute',
  async run({ share }) {
    const minutes = Math.max(1, Math.round(20 * share))
    const orders = Math.max(500, Math.round(perMinute * Math.min(1, share * 10)))
    // The same orders three times over: of each few the quickest time, so that what others do on the machine does not count.
    const runs = [1, 2, 3].map(() => run({ minutes, orders, config: {} }))
    const { passed, refused, layers, said } = runs[0]!
    for (const other of runs) mustEqual('the same orders again', other.said, said)
    if (passed < refused)
      throw new Error(`${refused} of ${passed + refused} orders were refused: not what is to be measured`)
    mustEqual('at least 20 layers were asked', layers >= 20, true)
    const nanoseconds = runs[0]!.nanoseconds.map((one, at) =>
      Math.min(one, runs[1]!.nanoseconds[at]!, runs[2]!.nanoseconds[at]!),
    )
    const sorted = nanoseconds.toSorted()
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]! / 1000
    const historical = run({
      minutes: 1,
      orders,
      config: { 'value-at-risk': { method: 'historical' } },
    }).nanoseconds.toSorted()
    return [
      { what: 'p50', value: at(0.5), unit: 'µs', pass: 1, at: 'most' },
      { what: 'p99', value: at(0.99), unit: 'µs', pass: 10, at: 'most' },
      { what: 'p99.9', value: at(0.999), unit: 'µs' },
      {
        what: 'p50 with historical value at risk',
        value: historical[Math.floor(historical.length / 2)]! / 1000,
        unit: 'µs',
      },
      { what: 'the minute’s sample of 100 prices', value: sample(), unit: 'µs' },
    ] satisfies Figure[]
  },
}

interface Ran {
  readonly nanoseconds: Float64Array
  readonly passed: number
  readonly refused: number
  readonly layers: number
  readonly said: readonly string[]
}

/** The clock is asked once for every few orders: asking costs a tenth of what is measured. */
const together = 5

function run({ minutes, orders, config }: { minutes: number; orders: number; config: object }): Ran {
  const symbols = Array.from({ length: positions }, (_, at) => `C${at}`)
  const limits = {
    ...{
      'order-rate': { perSecond: 1e6, perDay: 1e9 },
      'max-positions': { count: 200 },
      correlation: { most: 0.9 },
      ...config,
    },
  }
  const it = trial(limits, { symbols, cash: '10000000' })
  const dice = random('bench/risk')
  const prices = symbols.map(() => 100)
  const step = () => {
    const market = dice.normal()
    for (const i of prices.keys()) prices[i]! *= 1 + 0.0001 * market + 0.0004 * dice.normal()
    it.sample(prices)
  }
  for (let at = 0; at < 125; at++) step()
  for (const index of symbols.keys()) it.fill(index % 2 === 0 ? 'buy' : 'sell', 500, 100, { index })
  const nanoseconds = new Float64Array(minutes * Math.floor(orders / together))
  let [passed, refused, layers, count] = [0, 0, 0, 0]
  const said: string[] = []
  for (let minute = 0; minute < minutes; minute++) {
    step()
    for (let at = 0; at + together <= orders; at += together) {
      const wishes = Array.from({ length: together }, (_, k) => {
        const index = dice.below(positions)
        return it.wish(dice.below(2) === 0 ? 'buy' : 'sell', 1 + dice.below(9), {
          index,
          now: it.now + ((at + k) * minuteUs) / orders,
        })
      })
      for (let k = 0; k < together; k++) {
        const index = dice.below(positions)
        it.move(prices[index]! * (1 + 0.0001 * dice.normal()), { index })
      }
      for (const market of it.markets) market.received = wishes[0]!.signal.received
      const from = performance.now()
      for (let k = 0; k < together; k++) {
        const { order, event } = it.risk.check(wishes[k]!)
        if (order === undefined) refused++
        else passed++
        if (said.length < 200) said.push(event === undefined ? order.clientId : event.reason)
        if (order !== undefined) layers = order.verdicts.length
      }
      nanoseconds[count++] = ((performance.now() - from) * 1e6) / together
    }
    it.risk.events()
  }
  return { nanoseconds, passed, refused, layers, said }
}

function sample(): number {
  const symbols = Array.from({ length: positions }, (_, at) => `C${at}`)
  const it = trial('default', { symbols })
  const dice = random('bench/sample')
  const prices = symbols.map(() => 100)
  let spent = 0
  const times = 500
  for (let at = 0; at < times; at++) {
    for (const i of prices.keys()) prices[i]! *= 1 + 0.0004 * dice.normal()
    for (const [index, price] of prices.entries()) it.move(price, { index })
    it.now += minuteUs
    const from = performance.now()
    it.prices.instant(it.now)
    spent += performance.now() - from
  }
  return (spent * 1000) / times
}
