// A row as JSON: for people and pipes, and in the canonical form that hashes are made of (CLI.md).
import canonicalize from 'canonicalize'
import type { Field } from './columns.ts'
import { layouts, type RecordName, type Rows } from './records.generated.ts'

/**
 * A row with only what JSON can say: absent fields left out, money and 64-bit numbers past 2^53 as decimal text, bytes as base64.
 * A sequence below 2^53 stays a number. Fields keep the order of the schema.
 */
export function toJson<T extends RecordName>(topic: T, row: Rows[T]): Record<string, unknown> {
  return objectOf(layouts[topic], row as unknown as Record<string, unknown>)
}

/** RFC 8785 text of a row: keys sorted, numbers as ECMAScript prints them. */
export function canonical<T extends RecordName>(topic: T, row: Rows[T]): string {
  return canonicalize(toJson(topic, row))!
}

function objectOf(fields: readonly Field[], row: Record<string, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const field of fields) {
    const value = row[field.name]
    if (value === undefined) continue
    const text = said(field, value)
    if (text !== undefined) object[field.name] = text
  }
  return object
}

function said(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'i64':
      return field.amount || !safe(value as bigint) ? String(value) : Number(value)
    case 'f64':
      // JSON never holds NaN: an absent figure is left out.
      return Number.isFinite(value) ? value : undefined
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'list': {
      const items = field.items!
      const plain = items.length === 1 && items[0]!.name === 'value'
      return (value as unknown[]).map((item) =>
        plain ? (said(items[0]!, item) ?? null) : objectOf(items, item as Record<string, unknown>),
      )
    }
    default:
      return value
  }
}

function safe(value: bigint): boolean {
  return value >= -9007199254740991n && value <= 9007199254740991n
}
