// What two places hold, told so that they can be compared: topics, runs, journals, snapshots.
import { createHash } from 'node:crypto'
import { readAbout } from '../pipelines/about.ts'
import { canonical } from '../schemas/json.ts'
import { hashTopic } from '../topics/hash.ts'
import type { Topics } from '../topics/topics.ts'

/** Rows, ends and hash of every topic but journal and snapshots, which engines keep in their own ways. */
export async function topicsIn(topics: Topics): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const { name, record, rows, ends, partitions } of await topics.list()) {
    if (record === 'journal' || record === 'snapshots') continue
    found[name] = { rows, ends, partitions, hash: (await hashTopic(topics, name)).hash }
  }
  return found
}

/** What is kept of a run beside its topics. */
export async function ledgerOf(topics: Topics, run: string): Promise<unknown> {
  const about = readAbout((await topics.runs()).find((one) => one.run === run)?.about)
  const tasks: unknown[] = []
  for (const task of about?.tasks ?? []) {
    const journal = createHash('sha256')
    let steps = 0
    for await (const entry of topics.journal(run, task)) {
      journal.update(canonical('journal', entry))
      steps++
    }
    const last = await topics.snapshot(run, task)
    const before = last === undefined ? undefined : await topics.snapshot(run, task, last.step - 1)
    const snapshots = [before, last].flatMap((one) => (one === undefined ? [] : [[one.step, sha256(one.bytes)]]))
    tasks.push({ task, steps, journal: journal.digest('hex'), snapshots })
  }
  return { about, tasks }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
