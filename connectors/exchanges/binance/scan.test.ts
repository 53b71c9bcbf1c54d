import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../schemas/batch.ts'
import { dataDir, describeWith, rounds } from '../../../tests/data.ts'
import { openCapture } from '../../capture.ts'
import { Intake } from '../../intake.ts'
import type { Exchange } from '../exchange.ts'
import { binance, binanceCoinm, binanceUsdm } from './index.ts'

const encoder = new TextEncoder()

function intakeOf(exchange: Exchange, plain: boolean): Intake {
  return new Intake(exchange, { connection: 'test', boundsOf: () => ({ lowest: 1e-9, highest: 1e9 }), plain })
}

/** Everything that an intake has learnt. */
function learnt(intake: Intake) {
  const { lines, unreadable, timeBack, impossiblePrice, received, firstReceived } = intake
  return {
    rows: intake.take().map(({ batch, series }) => ({ topic: batch.topic, rows: rowsOf(batch), series })),
    streams: new Set([...intake.streams.values()].filter(({ count }) => count > 0)),
    symbols: [...intake.symbols].sort(),
    ...{ lines, unreadable, timeBack, impossiblePrice, received, firstReceived },
  }
}

function bothWays(exchange: Exchange, text: string) {
  const bytes = encoder.encode(text)
  return [false, true].map((plain) => {
    const intake = intakeOf(exchange, plain)
    intake.read(bytes, 0, Number.POSITIVE_INFINITY)
    return learnt(intake)
  })
}

describe('the scanner of Binance', () => {
  const trade =
    '1723161255088176367 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}\n'
  const depth =
    '1723161255088176367 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["1234567890.12345678","12345678901234567890"]],"a":[["61888.00","0.000"]]}}\n'
  const quote =
    '1723161255088176367 {"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}\n'

  test('leaves to the parser what is not of the usual form, and agrees with it on whatever happens to a message', () => {
    const change = fc.record({
      line: fc.constantFrom(trade, depth, quote),
      at: fc.nat(400),
      cut: fc.nat(3),
      put: fc.constantFrom(
        '',
        '0',
        '9',
        '.',
        '-',
        '"',
        ',',
        '[',
        ']',
        '{',
        '}',
        ' ',
        'e',
        '\\',
        '00',
        '1e3',
        'null',
        '\u00e9',
      ),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = changes
          .map(({ line, at, cut, put }) => line.slice(0, at % line.length) + put + line.slice((at % line.length) + cut))
          .join('')
        const [fast, plain] = bothWays(binanceUsdm, trade + text + depth)
        expect(fast).toEqual(plain)
      }),
      { numRuns: rounds(1500, 300) },
    )
  })

  test('a message cut off at any byte is as the parser has it', () => {
    for (const line of [trade, depth, quote]) {
      for (let end = 0; end <= line.length; end++) {
        const [fast, plain] = bothWays(binanceUsdm, quote + line.slice(0, end))
        expect(fast).toEqual(plain)
      }
    }
  })

  test('times of another length, levels with a third item and unknown fields are read by the parser', () => {
    for (const [from, to] of [
      ['"T":1723161256321', '"T":1723161256321123'],
      ['"t":5266583935', '"t":98765432109876543211'],
      ['"0.014"]', '"0.014",[]]'],
      ['"X":"MARKET"', '"Z":[1,{"a":2}]'],
      ['"m":false', '"m":true,"m":false'],
      ['"s":"BTCUSDT"', '"s":"ETHUSDT"'],
      ['"u":50093239212', '"u":9007199254740993'],
    ] as const) {
      const text = (trade + depth + quote).replace(from, to)
      expect(text).toContain(to)
      const [fast, plain] = bothWays(binanceUsdm, text)
      expect(fast).toEqual(plain)
    }
  })
})

describeWith('data', 'the scanner on every capture of Binance', () => {
  for (const [file, exchange] of [
    ['usdm-btcusdt-20240808.gz', binanceUsdm],
    ['spot-btcusdt-20240808.gz', binance],
    ['binance-spot-multi-20211012.gz', binance],
    ['binance-usdm-multi-20210722.gz', binanceUsdm],
    ['binance-coinm-multi-20210722.gz', binanceCoinm],
  ] as const) {
    test(`${file}: both ways give the same rows`, async () => {
      const fast = intakeOf(exchange, false)
      const plain = intakeOf(exchange, true)
      for await (const { bytes } of (await openCapture(join(dataDir, 'captures', file))).pieces({ bytes: 100_000 })) {
        fast.read(bytes, 0, Number.POSITIVE_INFINITY)
        plain.read(bytes, 0, Number.POSITIVE_INFINITY)
        const [ours, theirs] = [fast.take(), plain.take()]
        expect(ours.map(({ batch }) => batch.rows)).toEqual(theirs.map(({ batch }) => batch.rows))
        for (const [index, { batch, series }] of ours.entries()) {
          expect(batch.columns).toEqual(theirs[index]!.batch.columns)
          expect(series).toEqual(theirs[index]!.series)
        }
      }
      expect(learnt(fast)).toEqual(learnt(plain))
      expect(fast.lines).toBeGreaterThan(200)
    })
  }
})
