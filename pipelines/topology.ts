// A topology file: YAML in, config out, errors with the line they stand on.
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseTopology, type Topology } from './config.ts'
import type { Where } from './config-errors.ts'

/** Keys and values as flags give them; nested like a topology. */
export type Overrides = { readonly [key: string]: unknown }

/**
 * The topology that a YAML text describes, with what the flags say instead.
 * @throws SmartspeedError CONFIG_INVALID with file, line, key, value, what is allowed and the nearest name
 */
export function readTopology(text: string, file: string, flags: Overrides = {}): Topology {
  const { value, lineOf } = readYaml(text, file, 'a topology is keys and values, see docs/topology.schema.json')
  return parseTopology(over(value ?? {}, flags), placeIn(file, lineOf))
}

/** Says where a value stands in a file, or the nearest thing around it that is there. */
export function placeIn(file: string, lineOf: Yaml['lineOf']): Where {
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lineOf(path.slice(0, length))
      if (line !== undefined) return `${file}:${line}: `
    }
    return `${file}: `
  }
}

export interface Yaml {
  readonly value: unknown
  /** The line on which a key, or an item of a list, begins; undefined where there is none. */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/** What a YAML text says, and where. @throws SmartspeedError CONFIG_INVALID with file, line and column, and `fix` */
export function readYaml(text: string, file: string, fix: string): Yaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const [bad] = document.errors
  if (bad !== undefined) {
    const { line, col } = lines.linePos(bad.pos[0])
    const what = bad.message.split('\n')[0]
    throw new SmartspeedError('CONFIG_INVALID', `${file}:${line}:${col}: not YAML: ${what}`, { fix })
  }
  return {
    value: resolved(document, file, fix),
    lineOf: (path) => {
      const place = placeOf(document.getIn(path.slice(0, -1), true), path.at(-1)!)
      return place === undefined ? undefined : lines.linePos(place).line
    },
  }
}

/** @throws SmartspeedError CONFIG_INVALID for aliases that stand for far more than is written */
function resolved(document: Document.Parsed, file: string, fix: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new SmartspeedError('CONFIG_INVALID', `${file}: ${(error as Error).message}`, { fix })
  }
}

/**
 * Does `work`; an error of it that names a place in the config gets file and line, where that place is in the file.
 * What a flag said is in no file, and keeps its error as it is.
 */
export async function withLines<T>({ lineOf }: Pick<Yaml, 'lineOf'>, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const at = error instanceof SmartspeedError ? error.at : undefined
    const line = at === undefined || at.length === 0 ? undefined : lineOf(at)
    if (line === undefined) throw error
    const { code, message, fix } = error as SmartspeedError
    throw new SmartspeedError(code, `${file}:${line}: ${message}`, { cause: error, fix })
  }
}

/** Where a key of a map, or an item of a list, begins in the text. */
function placeOf(parent: unknown, key: PropertyKey): number | undefined {
  if (isSeq(parent)) return (parent.items[Number(key)] as Node | undefined)?.range?.[0]
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
  return (pair?.key as Node | undefined)?.range?.[0]
}

/** `base` with the values of `flags` in their places; what a flag leaves undefined stays as it is. */
export function over(base: unknown, flags: Overrides): unknown {
  if (!isObject(base)) return base
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue
    merged[key] = isObject(value) ? over(isObject(merged[key]) ? merged[key] : {}, value) : value
  }
  return merged
}

function isObject(value: unknown): value is Overrides {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
