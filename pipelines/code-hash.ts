// The hash of the code that a run is made by: what computes, not what starts or shows it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const root = join(import.meta.dirname, '..')
const folders = ['schemas', 'operators', 'pipelines', 'native/core/src', 'native/src']
const order = ['merge', 'replay', 'rows', 'slice', 'ties'].map((name) => `topics/${name}.ts`)
const files = [...order, 'package-lock.json']

let known: string | undefined

/** SHA-256 over path and bytes of every source file that a run's outputs depend on; `more` are files from outside, such as a strategy, with what they import. */
export function codeHash(more: readonly string[] = []): string {
  known ??= hashFiles([
    ...folders.flatMap((folder) => sources(join(root, folder))),
    ...files.map((file) => join(root, file)),
  ])
  if (more.length === 0) return known
  return hashBytes(more, known)
}

/** SHA-256 of a file from outside and of what it imports, apart from the program that runs it and from where it lies. */
export function fileHash(file: string): string {
  return hashBytes([file])
}

function hashBytes(paths: readonly string[], begin = ''): string {
  const hash = createHash('sha256').update(begin)
  const found = new Set<string>()
  for (const path of paths) addWithImports(path, found)
  for (const path of found) hash.update(readFileSync(path)).update('\n')
  return hash.digest('hex')
}

/** Adds a file, and those that it and they import by a relative path; ours are in our hash. */
function addWithImports(path: string, found: Set<string>): void {
  if (found.has(path)) return
  found.add(path)
  const names = readFileSync(path, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]/g)
  for (const [, name] of names) {
    const next = resolve(dirname(path), name!)
    const isOurs = folders.some((folder) => next.startsWith(join(root, folder) + sep))
    // What is imported nowhere but in a comment needs not be there.
    if (!isOurs && statSync(next, { throwIfNoEntry: false })?.isFile()) addWithImports(next, found)
  }
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
