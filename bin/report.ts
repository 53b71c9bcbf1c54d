// The report of a run, or several beside each other: read from topics, written as one HTML file.

import { collectReport } from '../console/report/collect.ts'
import { type Compared, renderComparison } from '../console/report/compare-page.ts'
import { renderReport } from '../console/report/page.ts'
import packageJson from '../package.json' with { type: 'json' }
import { compare } from '../pipelines/compare.ts'
import type { Topics } from '../topics/topics.ts'
import { openOutputFile } from './output-file.ts'
import { knownRun } from './runs.ts'

export interface WrittenReport {
  readonly run: string
  readonly file: string
  readonly bytes: number
}

/** Writes the report of a run. @throws SmartspeedError RUN_MISSING */
export async function writeReport(topics: Topics, run: string, file: string): Promise<WrittenReport> {
  const about = await knownRun(topics, run)
  const page = renderReport(await collectReport(topics, run, { about, version: packageJson.version }))
  return { run, file, bytes: await writePage(page, file) }
}

export interface WrittenComparison {
  readonly runs: readonly string[]
  readonly file: string
  readonly bytes: number
}

/**
 * Writes several runs on one page; the first is what the others are held against.
 *
 * Errors: RUN_MISSING, NO_DATA for one that is not finished.
 */
export async function writeComparison(
  topics: Topics,
  runs: readonly string[],
  file: string,
): Promise<WrittenComparison> {
  const named = []
  for (const run of runs) named.push({ run, about: await knownRun(topics, run) })
  const compared: Compared[] = []
  for (const one of named) {
    const data = await collectReport(topics, one.run, { about: one.about, version: packageJson.version })
    const beside = one === named[0] ? undefined : await compare(topics, named[0]!, one)
    const settings = beside?.config.map(({ key, a, b }) => ({ key, value: textOf(b), first: textOf(a) })) ?? []
    compared.push({ data, luck: beside?.luck.said ?? '', settings })
  }
  return { runs, file, bytes: await writePage(renderComparison(compared), file) }
}

function textOf(value: unknown): string {
  return value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** Writes a page, and gives its bytes; the file stands under its name only when it is whole. */
export async function writePage(text: string, file: string): Promise<number> {
  const page = Buffer.from(text)
  const output = await openOutputFile(file)
  try {
    await output.write(page)
    await output.close()
  } catch (error) {
    await output.discard()
    throw error
  }
  return page.length
}
