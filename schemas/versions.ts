// The committed versions of the schemas, and what keeps a schema from reading what an older one wrote (schemas/versions/README.md).
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AvroSchema, readSchema, resolverOf, typeOf } from './avro.ts'

export interface Version {
  readonly topic: string
  /** From 1. */
  readonly number: number
  readonly schema: AvroSchema
}

/** All versions in a folder of `<topic>.v<number>.avsc`, by topic and number. */
export function versionsIn(folder: string = join(import.meta.dirname, 'versions')): Version[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const [, topic, number] = /^(.+)\.v(\d+)\.avsc$/.exec(file) ?? []
      return topic === undefined ? [] : [{ topic, number: Number(number), schema: readSchema(join(folder, file)) }]
    })
    .sort((a, b) => (a.topic === b.topic ? a.number - b.number : a.topic < b.topic ? -1 : 1))
}

/** Why `current` cannot read all that `older` wrote, or is no schema; undefined when it can. */
export function incompatibility(current: AvroSchema, older: AvroSchema, topic: string): string | undefined {
  // A resolver would say of a lost symbol only that the enum cannot be read.
  const lost = lostSymbol(symbolsOf(current), symbolsOf(older))
  if (lost !== undefined) return lost
  try {
    resolverOf(typeOf(current), typeOf(older), topic)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function lostSymbol(
  current: ReadonlyMap<string, readonly string[]>,
  older: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  for (const [name, symbols] of older) {
    const now = current.get(name)
    const lost = symbols.find((symbol) => now !== undefined && !now.includes(symbol))
    if (lost !== undefined) return `enum ${name} no longer has the symbol ${lost}`
  }
  return undefined
}

/** Symbols by the name of their enum, anywhere in a schema. */
function symbolsOf(schema: unknown, found = new Map<string, readonly string[]>()): Map<string, readonly string[]> {
  if (Array.isArray(schema)) for (const part of schema) symbolsOf(part, found)
  else if (typeof schema === 'object' && schema !== null) {
    const { type, name, symbols } = schema as { type?: unknown; name?: string; symbols?: readonly string[] }
    if (type === 'enum' && name !== undefined && symbols !== undefined) found.set(name, symbols)
    for (const part of Object.values(schema)) symbolsOf(part, found)
  }
  return found
}
