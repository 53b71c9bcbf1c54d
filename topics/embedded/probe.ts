// Test helper, run as a process of its own: opens damaged logs, since what opens them may die. A line of JSON for each folder named.
import { createHash } from 'node:crypto'
import { rowsOf } from '../../schemas/batch.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { canonical } from '../../schemas/json.ts'
import { openEmbedded } from './embedded.ts'
import { salvage } from './salvage.ts'

/** What came out of a topic: a hash a row, and the code of the error that ended it. */
export interface Probed {
  readonly code?: string
  readonly fix?: string
  readonly topics: Readonly<Record<string, { readonly rows: readonly string[]; readonly code?: string }>>
}

/** Reads everything. Errors without a code are not caught: they are what the tests look for. */
export async function probe(dir: string): Promise<Probed> {
  const topics: Record<string, { rows: string[]; code?: string }> = {}
  try {
    const log = await openEmbedded(dir)
    try {
      for (const { name } of await log.list()) {
        const found: { rows: string[]; code?: string } = { rows: [] }
        topics[name] = found
        try {
          for await (const { batch } of log.read(name)) {
            for (const row of rowsOf(batch)) found.rows.push(digest(canonical(batch.topic, row)))
          }
        } catch (error) {
          found.code = codeOf(error)
        }
      }
    } finally {
      await log.close()
    }
  } catch (error) {
    return { code: codeOf(error), fix: (error as SmartspeedError).fix, topics }
  }
  return { topics }
}

function codeOf(error: unknown): string {
  if (error instanceof SmartspeedError && error.message !== '') return error.code
  throw error
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

if (import.meta.main) {
  for (const dir of process.argv.slice(2)) {
    process.stdout.write(`${JSON.stringify({ dir })}\n`)
    const seen = await probe(dir)
    const salvaged = await salvage(dir).then(
      () => true,
      (error: unknown) => codeOf(error),
    )
    process.stdout.write(`${JSON.stringify({ dir, seen, salvaged, after: await probe(dir) })}\n`)
  }
}
