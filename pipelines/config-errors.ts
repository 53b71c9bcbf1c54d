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
  if (issue.code === 'invalid_union') {
    const inner = meant(issue)
    if (inner !== undefined) {
      return sayIssue({ ...inner, path: [...issue.path, ...inner.path] }, { schema, input, what, where })
    }
  }
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!
    const path = [...issue.path, key]
    const allowed = keysAt(schema, issue.path)
    const near = nearest(key, allowed.flat())
    const list = allowed.map((keys) => keys.join(', ')).join('; or ')
    return {
      text: `${where(path)}unknown key ${path.join('.')} = ${show(valueAt(input, path))}; allowed: ${list}`,
      ...(near === undefined ? {} : { fix: `did you mean "${near}"?` }),
    }
  }
  const seen = valueAt(input, issue.path)
  const near = typeof seen === 'string' ? nearest(seen, namesOf(issue)) : undefined
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

/**
 * Of a value that may be of several kinds: what is wrong by the kind that it was meant to be, the one that it is nearest to. Undefined
 * when it is of none.
 */
function meant({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | undefined {
  const near = errors.filter(
    (issues) => !issues.some(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys'),
  )
  const faults = (issues: readonly z.core.$ZodIssue[]) => issues.reduce((sum, one) => sum + weightOf(one), 0)
  return near.toSorted((a, b) => faults(a) - faults(b))[0]?.[0]
}

/** How far from its kind a fault makes a value: a wrong key more than a wrong number, a value of no kind at all most. */
function weightOf(issue: z.core.$ZodIssue): number {
  if (issue.code === 'unrecognized_keys') return 2 * issue.keys.length
  return issue.code === 'invalid_union' && meant(issue) === undefined ? 3 : 1
}

/** Names that are allowed in the place of a value. */
function namesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(namesOf) : []
}

/** Keys that the schema allows at a path, a list each kind of object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[][] {
  type Node = { properties?: Record<string, Node>; anyOf?: Node[]; items?: Node }
  let nodes = [z.toJSONSchema(schema, { io: 'input' }) as Node]
  const kinds = () => nodes.flatMap((node) => node.anyOf ?? [node])
  for (const key of path) {
    const inside = (node: Node) => (typeof key === 'number' ? node.items : node.properties?.[String(key)])
    nodes = kinds().flatMap((node) => inside(node) ?? [])
  }
  return kinds().flatMap(({ properties }) => (properties === undefined ? [] : [Object.keys(properties)]))
}
