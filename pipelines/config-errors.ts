// What is wrong with a config: each error names key, value seen, what is allowed, the nearest name, and where it stands.
import { z } from 'zod'
import { nearest, SmartspeedError } from '../schemas/errors.ts'

/** Says where the value of a path stands, as `file:line: `; empty where nobody knows. */
export type Where = (path: readonly PropertyKey[]) => string

/**
 * What a schema makes of an input.
 * @throws SmartspeedError CONFIG_INVALID naming each key, its value, what is allowed and the nearest name; `what` is the whole
 */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  input: unknown,
  { what, where = () => '' }: { readonly what: string; readonly where?: Where },
): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => sayIssue(issue, { schema, input, what, where }))
  throw new SmartspeedError('CONFIG_INVALID', lines.map((line) => line.text).join('\n'), {
    fix: lines.find((line) => line.fix)?.fix,
  })
}

interface Asked {
  readonly schema: z.ZodType
  readonly input: unknown
  readonly what: string
  readonly where: Where
}

function sayIssue(
  issue: z.core.$ZodIssue,
  { schema, input, what, where }: Asked,
): { readonly text: string; readonly fix?: string } {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!
    const path = [...issue.path, key]
    const allowed = keysAt(schema, issue.path)
    const near = nearest(key, allowed)
    return {
      text: `${where(path)}unknown key ${path.join('.')} = ${show(valueAt(input, path))}; allowed: ${allowed.join(', ')}`,
      ...(near === undefined ? {} : { fix: `did you mean "${near}"?` }),
    }
  }
  const seen = valueAt(input, issue.path)
  const near =
    issue.code === 'invalid_value' && typeof seen === 'string' ? nearest(seen, issue.values.map(String)) : undefined
  return {
    text: `${where(issue.path)}${issue.path.join('.') || what} = ${show(seen)}: ${issue.message}`,
    ...(near === undefined ? {} : { fix: `did you mean "${near}"?` }),
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

/** Keys that the schema allows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  type Node = { properties?: Record<string, Node>; anyOf?: Node[]; items?: Node }
  let node = z.toJSONSchema(schema, { io: 'input' }) as Node
  for (const key of path) {
    if (typeof key === 'number') {
      node = node.items ?? {}
      continue
    }
    const inside = node.properties ?? node.anyOf?.find((one) => one.properties)?.properties
    node = inside?.[String(key)] ?? {}
  }
  return Object.keys(node.properties ?? node.anyOf?.find((one) => one.properties)?.properties ?? {})
}
