import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { dataDir, describeWith } from '../../../tests/data.ts'
import { type Levels, type Stamp, type UsdmWriter, usdmWriter } from './write.ts'

const btcusdt = { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' }
const at: Stamp = { micros: 1_723_161_255_030_314, nanos: 7 }

function written(write: (writer: UsdmWriter) => void, instrument = btcusdt): string {
  const writer = usdmWriter(instrument)
  write(writer)
  return Buffer.from(writer.drain()).toString('latin1')
}

describeWith('data', 'lines of the real capture', () => {
  const lines = gunzipSync(readFileSync(join(dataDir, 'captures/usdm-btcusdt-20240808.gz')))
    .toString('latin1')
    .trimEnd()
    .split('\n')

  test('every trade, quote, depth message and snapshot of the capture is written back byte for byte', () => {
    const writer = usdmWriter(btcusdt)
    const different: string[] = []
    for (const line of lines) {
      rewrite(line, writer)
      const copy = Buffer.from(writer.drain()).toString('latin1')
      if (copy !== `${line}\n`) different.push(`${line.slice(0, 200)}\n${copy.slice(0, 200)}`)
    }
    expect(lines).toHaveLength(93_954)
    expect(different).toEqual([])
  })
})

describe('messages that no capture here holds', () => {
  test('a mark price has eight decimals, and a funding rate may be negative', () => {
    const mark = {
      event: 1_735_689_601_000,
      mark: 6_180_005_000_000,
      index: 99,
      rate: -12_345,
      nextFunding: 1_735_718_400_000,
    }
    expect(written((writer) => writer.mark(at, mark))).toBe(
      '1723161255030314007 {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1735689601000,' +
        '"s":"BTCUSDT","p":"61800.05000000","P":"61800.05000000","i":"0.00000099","r":"-0.00012345",' +
        '"T":1735718400000}}\n',
    )
  })

  test('a liquidation has the fields of the documentation, and a ping stands alone', () => {
    const order = { time: 5, event: 6, side: 'SELL' as const, tick: 617_999, lots: 14, averageTick: 618_000.4 }
    const [liquidation, ping] = written((writer) => {
      writer.liquidation(at, order)
      writer.ping(at, 1_735_689_620_000)
    }).split('\n')
    const example = JSON.parse(
      '{"e":"forceOrder","E":6,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"61799.90",' +
        '"ap":"61800.04","X":"FILLED","l":"0.014","z":"0.014","T":5}}',
    )
    expect(JSON.parse(liquidation!.slice(20))).toEqual({ stream: 'btcusdt@forceOrder', data: example })
    expect(ping).toBe('1723161255030314007 {"ping":1735689620000}')
  })
})

describe('numbers', () => {
  test('ids keep all their digits up to 2⁵³, and steps of one, of ten and of whole units have their own decimals', () => {
    const quote = { time: 1, event: 2, sequence: Number.MAX_SAFE_INTEGER, bid: 7, bidLots: 1, ask: 123_456, askLots: 0 }
    const text = (tickSize: string, lotSize: string) =>
      JSON.parse(written((w) => w.quote(at, quote), { symbol: 'X', tickSize, lotSize }).slice(20)).data
    expect(text('0.00000001', '1')).toMatchObject({ b: '0.00000007', B: '1', a: '0.00123456', A: '0' })
    expect(text('0.10', '0.001')).toMatchObject({ b: '0.70', B: '0.001', a: '12345.60', A: '0.000' })
    expect(text('25', '100')).toMatchObject({ b: '175', B: '100', a: '3086400', A: '0' })
    expect(written((w) => w.quote(at, quote))).toContain('"u":9007199254740991,')
  })

  test('a step that is not a positive decimal number is refused', () => {
    for (const tickSize of ['0', '-1', '1e-3', '', 'abc']) {
      expect(() => usdmWriter({ ...btcusdt, tickSize })).toThrow(RangeError)
    }
  })
})

type Message = {
  stream?: string
  data?: Record<string, unknown> & { e: string; E: number; T: number; b: unknown; a: unknown }
  lastUpdateId?: number
  E?: number
  T?: number
  bids?: string[][]
  asks?: string[][]
}

/** Reads a line with `JSON.parse` and writes it with the writer. */
function rewrite(line: string, writer: UsdmWriter): void {
  const stamp = { micros: Number(line.slice(0, 16)), nanos: Number(line.slice(16, 19)) }
  const message: Message = JSON.parse(line.slice(20))
  const { data } = message
  if (data === undefined) {
    const [bids, asks] = [levels(message.bids!), levels(message.asks!)]
    writer.snapshot(stamp, { time: message.T!, event: message.E!, sequence: message.lastUpdateId!, bids, asks })
    return
  }
  const times = { time: data.T, event: data.E }
  const number = (field: string) => Number(data[field])
  if (data.e === 'trade') {
    const trade = { id: number('t'), tick: ticks(data.p), lots: lots(data.q), buyerIsMaker: data.m === true }
    writer.trade(stamp, { ...times, ...trade })
  } else if (data.e === 'bookTicker') {
    const best = { bid: ticks(data.b), bidLots: lots(data.B), ask: ticks(data.a), askLots: lots(data.A) }
    writer.quote(stamp, { ...times, sequence: number('u'), ...best })
  } else {
    const [bids, asks] = [levels(data.b as string[][]), levels(data.a as string[][])]
    writer.depth(stamp, { ...times, first: number('U'), last: number('u'), previous: number('pu'), bids, asks })
  }
}

const ticks = (text: unknown) => Math.round(Number(text) * 10)
const lots = (text: unknown) => Math.round(Number(text) * 1000)
const levels = (rows: readonly string[][]): Levels => ({
  count: rows.length,
  ticks: Int32Array.from(rows, ([price]) => ticks(price)),
  lots: Int32Array.from(rows, ([, size]) => lots(size)),
})
