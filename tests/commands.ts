// Commands run in this process as a shell would run them; what they print is given back.
import { expect } from 'vitest'
import { main } from '../bin/main.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line; `code` is what it would have ended with. */
export async function command(args: readonly string[]): Promise<Ran> {
  const parts = { out: [] as Uint8Array[], err: [] as Uint8Array[] }
  const collect = (name: 'out' | 'err') => (chunk: string | Uint8Array) => {
    parts[name].push(Buffer.from(chunk as string))
    return true
  }
  const real = [process.stdout.write, process.stderr.write] as const
  process.stdout.write = collect('out') as typeof process.stdout.write
  process.stderr.write = collect('err') as typeof process.stderr.write
  const before = process.exitCode
  process.exitCode = undefined
  try {
    const code = await main(args)
    return { code, out: Buffer.concat(parts.out).toString(), err: Buffer.concat(parts.err).toString() }
  } finally {
    process.exitCode = before
    ;[process.stdout.write, process.stderr.write] = real
  }
}

/** What it prints with --json. Fails when it does not end with 0. */
export async function documentOf<T>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await command([...args, '--json'])
  expect(code, err).toBe(0)
  return JSON.parse(out) as T
}
