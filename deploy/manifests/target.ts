// A deployment as files: for Docker Compose or for Kubernetes. Nothing is started from here; the files say all.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { How } from '../acts.ts'
import type { Change } from '../versions/difference.ts'
import { type Version, writeText } from '../versions/folder.ts'
import { writtenBy } from './container.ts'
import { filesOf } from './files.ts'

/** The files that a version would change in the folder of manifests. @throws SmartspeedError USAGE without a folder */
export function differences(version: Version, how: How): Change[] {
  const out = demandOut(how)
  const files = filesOf(version)
  return [
    ...[...files].flatMap(([name, text]): Change[] => {
      const path = join(out, name)
      if (!existsSync(path)) return [{ action: 'create', kind: 'file', name: path, detail: `${lines(text)} lines` }]
      const was = readFileSync(path, 'utf8')
      return was === text
        ? []
        : [{ action: 'update', kind: 'file', name: path, detail: `${lines(was)} → ${lines(text)} lines` }]
    }),
    ...leftOver(out, files).map(
      (path): Change => ({ action: 'remove', kind: 'file', name: path, detail: 'of an earlier version' }),
    ),
  ]
}

/** Writes them, and deletes those that an earlier version wrote and this one does not. */
export async function apply(version: Version, how: How): Promise<void> {
  const out = demandOut(how)
  const files = filesOf(version)
  for (const path of leftOver(out, files)) rmSync(path)
  for (const [name, text] of files) writeText(join(out, name), text)
}

/** Files of ours, which say so in their first line, that are not of this version. */
function leftOver(out: string, files: ReadonlyMap<string, string>): string[] {
  if (!existsSync(out)) return []
  return readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|sh)$/.test(name) && !files.has(name))
    .map((name) => join(out, name))
    .filter((path) => readFileSync(path, 'utf8').startsWith(writtenBy))
}

function demandOut({ out, target }: How): string {
  if (out !== undefined) return out
  throw new SmartspeedError('USAGE', `--target ${target} writes files: say where with -o DIR`, {
    fix: `for example -o ${target}`,
  })
}

function lines(text: string): number {
  return text.split('\n').length - 1
}
