// smartspeed.yaml in the folder that the command is run in: what would else be typed with every command.
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { nearest, SmartspeedError } from '../schemas/errors.ts'
import { kafkaKeys } from './kafka-options.ts'

const schema = z.strictObject({
  dir: z.string().min(1).optional().describe('folder of the embedded log'),
  engine: z.enum(['embedded', 'kafka']).optional(),
  ...kafkaKeys,
})

export type ConfigFile = z.infer<typeof schema>

/**
 * The config file at a path.
 *
 * Errors: CONFIG_INVALID with file, line, key, value seen, what is allowed and the nearest key.
 */
export function readConfigFile(path: string): ConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines })
  const [bad] = document.errors
  if (bad !== undefined) {
    const { line } = lines.linePos(bad.pos[0])
    throw new SmartspeedError('CONFIG_INVALID', `${path}:${line}: not YAML: ${bad.message.split('\n')[0]}`, {
      fix: 'a config file is keys and values, for example dir: .smartspeed',
    })
  }
  const input: unknown = document.toJS() ?? {}
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const key = String(issue.code === 'unrecognized_keys' ? issue.keys[0] : (issue.path[0] ?? ''))
  const node = key === '' ? undefined : (document.get(key, true) as { range?: [number, number, number] } | undefined)
  const where = node?.range ? `${path}:${lines.linePos(node.range[0]).line}` : path
  const seen = JSON.stringify((input as Record<string, unknown>)[key] ?? input)
  if (issue.code === 'unrecognized_keys') {
    const allowed = Object.keys(schema.shape)
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `${where}: unknown key ${key} = ${seen}; allowed: ${allowed.join(', ')}`,
      {
        fix: `did you mean "${nearest(key, allowed)}"?`,
      },
    )
  }
  throw new SmartspeedError('CONFIG_INVALID', `${where}: ${key || 'the file'} = ${seen}: ${issue.message}`, {
    fix: `${path} may say ${Object.keys(schema.shape).join(', ')}`,
  })
}
