// What every exchange's messages must come through. An exchange is done when this passes on messages that it really sent.

import { expect, test } from 'vitest'
import type { Exchange, Said } from '../../connectors/exchanges/exchange.ts'
import { Intake } from '../../connectors/intake.ts'
import { rowsOf } from '../../schemas/batch.ts'
import type { Field } from '../../schemas/columns.ts'
import { layouts } from '../../schemas/records.generated.ts'

/** A message as it was received, and whether it says something for a topic. */
export interface Fixture {
  readonly name: string
  readonly text: string
  readonly silent: boolean
  /** Whose it is, where neither it nor its address says so. */
  readonly symbol?: string
}

const received = 1_700_000_000_000_000
const encoder = new TextEncoder()

export function exchangeConformance(exchange: Exchange, fixtures: readonly Fixture[]): void {
  for (const { name, text, silent, symbol } of fixtures) {
    test(`${name} is known, twice the same, whole and readable`, () => {
      const { stream, records } = exchange.parse(text)
      expect(exchange.parse(text)).toEqual({ stream, records })
      expect(stream).not.toBe('')
      expect(records.length > 0, silent ? 'it says nothing' : 'it says something').toBe(!silent)
      for (const said of records) {
        checkRow(said)
        const { type, base, settle, contractSize } = exchange.named(said.row.symbol || 'BTCUSDT')
        expect([type, base, settle].every((word) => word !== '') && contractSize > 0).toBe(true)
      }
    })

    test(`${name} comes to the same rows as a line of a capture`, () => {
      const [fast, plain] = [false, true].map((slow) => {
        const options = { connection: 'test', boundsOf: () => ({ lowest: 0, highest: 1e15 }), plain: slow }
        const intake = new Intake(exchange, symbol === undefined ? options : { ...options, symbol })
        const line = encoder.encode(`${received}000 ${oneLine(text)}\n`)
        intake.read(line, 0, Number.POSITIVE_INFINITY)
        return intake.take().flatMap(({ batch }) => rowsOf(batch).map((row) => ({ topic: batch.topic, row })))
      })
      expect(fast).toEqual(plain)
      const said = exchange.parse(text).records
      expect(fast!.map(({ topic }) => topic).sort()).toEqual(said.map(({ topic }) => topic).sort())
      for (const { row } of fast!) expect(row).toMatchObject({ received, exchange: exchange.id })
    })
  }
}

/** Fixtures are kept as they came from their source, which may have put them on several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}

/** Every field that must be there is, times are whole µs of our days, no number is NaN. */
function checkRow({ topic, row }: Said): void {
  const values = row as unknown as Record<string, unknown>
  for (const field of layouts[topic]) {
    if (['received', 'exchange', 'timeEstimated'].includes(field.name)) continue
    checkField(field, values[field.name], `${topic}.${field.name}`)
  }
  expect(Object.keys(values).filter((key) => !layouts[topic].some(({ name }) => name === key))).toEqual([])
}

function checkField(field: Field, value: unknown, what: string): void {
  const mayLack = field.optional === true || field.name === 'time' || field.name === 'symbol'
  if (value === undefined || value === '') {
    expect(mayLack, `${what} is missing`).toBe(true)
    return
  }
  if (field.time) expect(Number.isInteger(value) && (value as number) > 1e11, `${what}: ${value}`).toBe(true)
  if (field.kind === 'f64') expect(Number.isFinite(value), `${what}: ${value}`).toBe(true)
  if (field.kind === 'i64') expect(typeof value, what).toBe('bigint')
  if (field.kind === 'list') {
    for (const item of value as Record<string, unknown>[]) {
      for (const one of field.items!) checkField(one, item[one.name], `${what}.${one.name}`)
    }
  }
}
