// A topology file: YAML in, config out, errors with the line they stand on.
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { SmartspeedError } from '../schemas/errors.ts'
import { parseTopology, type Topology } from './config.ts'

/** Keys and values as flags give them; nested like a topology. */
export type Overrides = { readonly [key: string]: unknown }

/**
 * The topology that a YAML text describes, with what the flags say instead.
 * @throws SmartspeedError CONFIG_INVALID with file, line, key, value, what is allowed and the nearest name
 */
export function readTopology(text: string, file: string, flags: Overrides = {}): Topology {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const [bad] = document.errors
  if (bad !== undefined) {
    const { line, col } = lines.linePos(bad.pos[0])
    throw new SmartspeedError('CONFIG_INVALID', `${file}:${line}:${col}: not YAML: ${bad.message.split('\n')[0]}`, {
      fix: 'a topology is keys and values, see docs/topology.schema.json',
    })
  }
  return parseTopology(over(document.toJS() ?? {}, flags), (path) => {
    // Where it stands, or the nearest thing around it that is there.
    for (let length = path.length; length > 0; length--) {
      const at = placeOf(document.getIn(path.slice(0, length - 1), true), path[length - 1]!)
      if (at !== undefined) return `${file}:${lines.linePos(at).line}: `
    }
    return `${file}: `
  })
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
