// Starts one process of a unit, so that it outlives whoever started it: a session of its own, its log an open file, never a pipe.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, readFileSync } from 'node:fs'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Secret } from '../topology/schema.ts'
import { openLog } from './log.ts'
import { argumentsOf, type Desired, type Member } from './unit.ts'

/** @throws SmartspeedError CONFIG_INVALID, FILE_MISSING for a secret that is not there */
export function launch(folder: string, desired: Desired, member: Member, port: number): ChildProcess {
  const [node, ...script] = desired.program
  const env = { ...process.env, ...secretsOf(desired.secrets) }
  const heap = `--max-old-space-size=${Math.round(member.unit.memoryMb * 0.75)}`
  const log = openLog(member.log, `${new Date().toISOString()} ${member.id}`)
  try {
    const child = spawn(node!, [heap, ...script, ...argumentsOf(member, desired.where, port)], {
      ...{ cwd: folder, env, detached: true, stdio: ['ignore', log, log] },
    })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** The values, from where they are now; they go to the process alone. */
export function secretsOf(secrets: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secretOf(name, secret)]))
}

function secretOf(name: string, secret: Secret): string {
  if ('env' in secret) {
    const value = process.env[secret.env]
    if (value !== undefined) return value
    throw new SmartspeedError('CONFIG_INVALID', `secrets.${name}: the variable ${secret.env} is not set`, {
      fix: `set it where you apply: ${secret.env}=… smartspeed deploy apply`,
      at: ['secrets', name],
    })
  }
  if ('file' in secret) {
    try {
      return readFileSync(secret.file, 'utf8').replace(/\r?\n$/, '')
    } catch (cause) {
      throw new SmartspeedError(
        'FILE_MISSING',
        `secrets.${name}: cannot read ${secret.file}: ${(cause as Error).message}`,
        {
          ...{ cause, fix: 'check the path', at: ['secrets', name] },
        },
      )
    }
  }
  throw new SmartspeedError('CONFIG_INVALID', `secrets.${name}: a Secret of Kubernetes is not on this machine`, {
    ...{ fix: 'for target local write {env: NAME} or {file: PATH}', at: ['secrets', name] },
  })
}
