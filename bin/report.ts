// The report of a run: read from its topics, written as one HTML file.

import { collectReport } from '../console/report/collect.ts'
import { renderReport } from '../console/report/page.ts'
import packageJson from '../package.json' with { type: 'json' }
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
