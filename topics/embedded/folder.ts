// The folder of a log: its format version, its index, and whether it was left in order.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import { faultOf } from './faults.ts'
import { enter } from './guard.ts'
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

/** @throws SmartspeedError NO_DATA, FORMAT_VERSION, FOLDER_READ_ONLY, DISK_FULL, LOG_CORRUPT */
export async function openFolder(dir: string, { readOnly }: { readOnly: boolean }): Promise<Folder> {
  checkFormat(dir, readOnly)
  const guard = await enter(dir, { readOnly })
  let table: Table
  try {
    table = openTable(dir, indexPath(dir), { readOnly })
  } catch (error) {
    await guard.leave()
    throw error
  }
  return {
    table,
    writing() {
      if (readOnly) throw new SmartspeedError('FOLDER_READ_ONLY', `${dir} was opened only to read`)
      guard.writing()
    },
    async close() {
      await table.close()
      await guard.leave()
    },
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
