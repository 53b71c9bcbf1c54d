// The folder of a log: its format version, its index, and whether it was left in order.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SmartspeedError } from '../../schemas/errors.ts'
import { faultOf } from './faults.ts'
import { enter, noLog } from './guard.ts'
import { indexPath } from './names.ts'
import { syncFolder } from './segments.ts'
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
  const made = checkFormat(dir, readOnly)
  const guard = await enter(dir, { readOnly })
  let table: Table
  try {
    table = openTable(dir, indexPath(dir), { readOnly })
    if (made) syncFolder(dir)
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

/** Says true when it made the folder of a new log. */
function checkFormat(dir: string, readOnly: boolean): boolean {
  const path = join(dir, 'format')
  if (!existsSync(path)) {
    if (readOnly) throw noLog(dir)
    try {
      makeFolder(dir)
      writeFileSync(`${path}.new`, `smartspeed log ${formatVersion}\n`, { flush: true })
      renameSync(`${path}.new`, path)
    } catch (cause) {
      throw faultOf(dir, `making a log in ${dir}`, cause)
    }
    return true
  }
  const text = readFileSync(path, 'utf8').trim()
  if (text !== `smartspeed log ${formatVersion}`) {
    throw new SmartspeedError(
      'FORMAT_VERSION',
      `${dir} says "${text.slice(0, 60)}", and this version reads "smartspeed log ${formatVersion}"`,
      { fix: 'use the version that wrote it, or another folder: --dir PATH' },
    )
  }
  return false
}

/** On a read-only file system a recursive mkdir says ENOENT; asking for the right to write says why. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) {
    accessSync(dir, constants.W_OK)
  } else {
    makeFolder(dirname(resolve(dir)))
    mkdirSync(dir, { recursive: true })
  }
}
