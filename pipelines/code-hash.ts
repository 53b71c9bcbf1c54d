// The hash of the code that a run is made by: what computes, not what starts or shows it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const folders = ['schemas', 'operators', 'pipelines', 'native/core/src', 'native/src']
const order = ['merge', 'replay', 'rows', 'slice', 'ties'].map((name) => `topics/${name}.ts`)
const files = [...order, 'package-lock.json']

let known: string | undefined

/** SHA-256 over path and bytes of every source file that a run's outputs depend on; `more` are files from outside, such as a strategy. */
export function codeHash(more: readonly string[] = []): string {
  known ??= hashFiles([
    ...folders.flatMap((folder) => sources(join(root, folder))),
    ...files.map((file) => join(root, file)),
  ])
  if (more.length === 0) return known
  const hash = createHash('sha256').update(known)
  for (const file of more) hash.update(readFileSync(file)).update('\n')
  return hash.digest('hex')
}

function hashFiles(paths: string[]): string {
  const hash = createHash('sha256')
  for (const path of paths.sort())
    hash
      .update(`${relative(root, path)}\n`)
      .update(readFileSync(path))
      .update('\n')
  return hash.digest('hex')
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|rs|avsc)$/.test(name) && !/\.test\.ts$/.test(name))
    .map((name) => join(folder, name))
}
