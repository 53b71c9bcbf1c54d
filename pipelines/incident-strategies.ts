// Strategies from outside travel with an incident: their files, and those beside them that they import.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { strategyFolder } from './incident.ts'
import type { SeatAbout } from './seats.ts'

/** Copies them into a folder; gives the seats with paths from there. */
export function copyStrategies(dir: string, seats: readonly SeatAbout[]): SeatAbout[] {
  const files = [...new Set(seats.flatMap(({ file }) => file ?? []))]
  const places = new Map(
    files.map((file, number) => [file, copyWhole(dir, join(strategyFolder, String(number)), file)]),
  )
  return seats.map(({ file, ...seat }) => ({ ...seat, ...(file === undefined ? {} : { file: places.get(file)! }) }))
}

/** The seats of an incident, with paths as programs take them. */
export function seatsIn(dir: string, seats: readonly SeatAbout[]): SeatAbout[] {
  return seats.map(({ file, ...seat }) => ({ ...seat, ...(file === undefined ? {} : { file: resolve(dir, file) }) }))
}

function copyWhole(dir: string, folder: string, file: string): string {
  const all = [...importedBy(file, new Set([file]))]
  const top = commonFolder(all.map((one) => dirname(one)))
  for (const one of all) {
    const place = join(dir, folder, relative(top, one))
    mkdirSync(dirname(place), { recursive: true })
    copyFileSync(one, place)
  }
  return join(folder, relative(top, file))
}

/** The file and all that it imports by a path, and so on. */
function importedBy(file: string, known: Set<string>): Set<string> {
  const found = readFileSync(file, 'utf8').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g)
  for (const [, path] of found) {
    const other = resolve(dirname(file), path!)
    if (known.has(other) || !existsSync(other)) continue
    known.add(other)
    importedBy(other, known)
  }
  return known
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0]!
  while (!folders.every((one) => one === common || one.startsWith(`${common}/`))) common = dirname(common)
  return common
}
