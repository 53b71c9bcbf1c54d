// The folder of a log: its format version, its index, and whether it was left in order.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import { faultOf } from './faults.ts'
import { indexPath } from './names.ts'
import { openTable, type Table } from './table.ts'

/** Raised when the files change so that an older version could not read them. */
export const formatVersion = 1

export interface Folder {
  readonly table: Table
  /** Called before anything is written. */
  writing(): void
  close(): Promise<void>
}

export async function openFolder(dir: string, { readOnly }: { readOnly: boolean }): Promise<Folder> {
  checkFormat(dir, readOnly)
  const table = openTable(dir, indexPath(dir), { readOnly })
  return {
    table,
    writing() {
      if (readOnly) throw new SmartspeedError('FOLDER_READ_ONLY', `${dir} was opened only to read`)
    },
    close: () => table.close(),
  }
}

function checkFormat(dir: string, readOnly: boolean): void {
  const path = join(dir, 'format')
  if (!existsSync(path)) {
    if (readOnly) {
      throw new SmartspeedError('NO_DATA', `there is no log in ${dir}`, {
        fix: `npx smartspeed import FILE… --exchange ID --dir ${dir}`,
      })
    }
    try {
      mkdirSync(dir, { recursive: true })
      writeFileSync(`${path}.new`, `smartspeed log ${formatVersion}\n`, { flush: true })
      renameSync(`${path}.new`, path)
    } catch (cause) {
      throw faultOf(dir, `making a log in ${dir}`, cause)
    }
    return
  }
  const text = readFileSync(path, 'utf8').trim()
  if (text !== `smartspeed log ${formatVersion}`) {
    throw new SmartspeedError(
      'FORMAT_VERSION',
      `${dir} says "${text.slice(0, 60)}", and this version reads "smartspeed log ${formatVersion}"`,
      { fix: 'use the version that wrote it, or another folder: --dir PATH' },
    )
  }
}
