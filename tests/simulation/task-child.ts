// A member of a run in a process of its own: `node task-child.ts <options of openTopics as JSON> <run> <tasks> [rank]`. Of each task that it
// owns it writes steps, each with its number as a row, from where the journal ends, until it must stop.

import { type EngineOptions, openTopics } from '../../topics/index.ts'
import type { Membership } from '../../topics/topics.ts'
import { alertsOf, journalEntry } from '../conformance/rows.ts'

const [options, run, count, rank = '0'] = process.argv.slice(2) as [string, string, string, string?]
const topics = await openTopics(JSON.parse(options) as EngineOptions)
const working = new Map<number, { stop: boolean; done: Promise<void> }>()

/** Says what happens, a line at a time, to the test that started this process. */
function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

async function work(task: number, member: Membership, control: { stop: boolean }): Promise<void> {
  const name = `t-${task}`
  try {
    const confirm = () => member.confirm(task)
    const writer = await topics.writer({ run, task: { task: name, partition: task, confirm } })
    try {
      let step = 0
      for await (const entry of topics.journal(run, name)) step = entry.step
      while (!control.stop) {
        step++
        await writer.commit({ outputs: [alertsOf([step])], journal: journalEntry(run, name, step) })
        say({ committed: task, step })
      }
    } finally {
      await writer.close()
    }
  } catch (error) {
    say({ failed: task, code: (error as { code?: string }).code, message: (error as Error).message })
  }
}

const member = await topics.join({
  ...{ run, tasks: Number(count), rank: Number(rank) },
  async changed(tasks, { lost, error, member }) {
    const gone = [...working].filter(([task]) => lost || !tasks.includes(task))
    for (const [, control] of gone) control.stop = true
    for (const [task, { done }] of gone) {
      await done
      working.delete(task)
    }
    say({ owns: tasks, lost, ...(error === undefined ? {} : { error: error.message }) })
    for (const task of tasks) {
      if (working.has(task)) continue
      const control = { stop: false, done: Promise.resolve() }
      control.done = work(task, member, control)
      working.set(task, control)
    }
  },
})
process.stdin.once('data', async () => {
  await member.leave()
  await topics.close()
  process.exit(0)
})
