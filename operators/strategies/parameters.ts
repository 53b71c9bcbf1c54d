// Parameters from text (`--set fast=10`) or from a config file, by a zod object: typed, validated, and explained when wrong.
import { z } from 'zod'
import { nearest, SmartspeedError } from '../../schemas/errors.ts'
import type { Strategy } from './strategy.ts'

/** The parameters of a strategy. @throws SmartspeedError CONFIG_INVALID with key, value seen, what is allowed, nearest key */
export function parseParameters(strategy: Strategy, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return parseObject(strategy.parameters, given, `strategy ${strategy.name}`, ['strategy', 'params']) as Record<
    string,
    unknown
  >
}

/** The same texts made what their fields are, and nothing validated: for who goes on to ask the schema itself, thousands of times. */
export function typedParameters(
  { parameters }: Strategy,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return typed(parameters, given)
}

/**
 * `given` by a zod object. Texts become what their field is: a number, true or false, or stay text. `at`: its place in a topology.
 * @throws SmartspeedError CONFIG_INVALID: a line a fault, with key, value and what is allowed; `fix` names the nearest key
 */
export function parseObject<P extends z.ZodType>(
  parameters: P,
  given: Readonly<Record<string, unknown>>,
  whose: string,
  at: readonly string[] = [],
): z.output<P> {
  const result = parameters.safeParse(typed(parameters, given))
  if (result.success) return result.data
  const fields = fieldsOf(parameters)
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue, given, fields))
  throw new SmartspeedError('CONFIG_INVALID', faults.map(({ text }) => `${whose}: ${text}`).join('\n'), {
    fix: faults.find((fault) => fault.fix !== undefined)?.fix ?? `allowed: ${describeFields(fields).join('; ')}`,
    at: [...at, ...(faults[0]?.key === undefined ? [] : [faults[0].key])],
  })
}

/** Texts as what their fields are; the schema is asked only where there are any. */
function typed(parameters: z.ZodType, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!Object.values(given).some((value) => typeof value === 'string')) return given
  const fields = fieldsOf(parameters)
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, typedValue(fields[key], value)]))
}

/** A line a parameter: `fast: whole number 1…10000 (default 10), bars of the fast mean`. For `--help` and errors. */
export function describeParameters(parameters: z.ZodType): string[] {
  return describeFields(fieldsOf(parameters))
}

/** What JSON Schema says of one field. */
interface Field {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly const?: unknown
  /** One of several kinds. */
  readonly anyOf?: readonly Field[]
  readonly default?: unknown
  readonly description?: string
}

type Fields = Readonly<Record<string, Field>>

function fieldsOf(parameters: z.ZodType): Fields {
  return (z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }).properties ?? {}) as Fields
}

function typedValue(field: Field | undefined, value: unknown): unknown {
  if (typeof value !== 'string' || field === undefined) return value
  if (field.anyOf !== undefined) {
    return field.anyOf.map((one) => typedValue(one, value)).find((one) => typeof one !== 'string') ?? value
  }
  if (field.type === 'number' || field.type === 'integer') {
    const number = Number(value)
    return value.trim() === '' || Number.isNaN(number) ? value : number
  }
  if (field.type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  if (field.type === 'object') return parsedJson(value)
  return value
}

/** What a JSON text says; the text itself where it is none, which is then refused as what it is. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface Fault {
  readonly key: string | undefined
  readonly text: string
  readonly fix: string | undefined
}

function faultsOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>, fields: Fields): Fault[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length > 0) {
    const within = issue.path.join('.')
    return issue.keys.map((key) => ({
      key: String(issue.path[0]),
      text: `${within} has an unknown key ${key}: ${show(seenAt(given, issue.path))}`,
      fix: undefined,
    }))
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, Object.keys(fields))
      const allowed = Object.keys(fields).join(', ') || 'none'
      return {
        key,
        text: `unknown parameter ${key} = ${show(given[key])}; allowed: ${allowed}`,
        fix: near === undefined ? undefined : `did you mean "${near}"?`,
      }
    })
  }
  const key = String(issue.path[0] ?? '')
  const field = fields[key]
  if (field === undefined) return [{ key: undefined, text: issue.message, fix: undefined }]
  const seen = seenAt(given, issue.path)
  const near = typeof seen === 'string' && field.enum !== undefined ? nearest(seen, field.enum.map(String)) : undefined
  return [
    {
      key,
      text: `${issue.path.join('.')} = ${show(seen)}; ${issue.code === 'custom' || issue.path.length > 1 ? issue.message : `allowed: ${allowedBy(field)}`}`,
      fix: near === undefined ? fixIn(issue) : `did you mean "${near}"?`,
    },
  ]
}

/** What a check of parameters says of how to mend it. */
function fixIn(issue: z.core.$ZodIssue): string | undefined {
  return issue.code === 'custom' && typeof issue.params?.fix === 'string' ? issue.params.fix : undefined
}

/** The value that a path leads to; that of its first key where it leads to none. */
function seenAt(given: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): unknown {
  let value: unknown = given
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value ?? given[String(path[0])]
}

function describeFields(fields: Fields): string[] {
  return Object.entries(fields).map(([key, field]) => {
    const without = field.default === undefined ? '' : ` (default ${field.default})`
    return `${key}: ${allowedBy(field)}${without}${field.description === undefined ? '' : `, ${field.description}`}`
  })
}

function allowedBy(field: Field): string {
  if (field.anyOf !== undefined) return field.anyOf.map(allowedBy).join(', or ')
  if (field.const !== undefined) return show(field.const)
  if (field.enum !== undefined) return field.enum.join(', ')
  const kind =
    field.type === 'integer' ? 'a whole number' : field.type === 'number' ? 'a number' : (field.type ?? 'a value')
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = field
  const bounds = [
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? [`at least ${minimum}`] : []),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? [`at most ${maximum}`] : []),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ]
  return [kind, ...bounds].join(' ')
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value)
}
