// A process that dies at a chosen instant, and leaves word of where in its commits it was.
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Topics, Writer } from '../../topics/topics.ts'

/** Dies so many µs after it began its commit of that number (the first is 1), or after its start when that is 0. */
export interface Kill {
  readonly commit: number
  readonly afterUs: number
}

/** Wakes the killer; resolved when it listens. */
export async function armed(kill: Kill | undefined): Promise<(commit: number) => void> {
  if (kill === undefined) return () => {}
  const woken = new Int32Array(new SharedArrayBuffer(4))
  const killer = new Worker(join(import.meta.dirname, 'killer.ts'), { workerData: { woken, afterUs: kill.afterUs } })
  await new Promise((resolve) => killer.once('online', resolve))
  // A run that ends before its time has come is not kept alive by its killer.
  killer.unref()
  return (commit) => {
    if (commit !== kill.commit) return
    Atomics.store(woken, 0, 1)
    Atomics.notify(woken, 0)
  }
}

/** The topics, whose writers say in the file `marks` when each commit begins and ends, and wake the killer. */
export function mortal(topics: Topics, marks: string, wake: (commit: number) => void): Topics {
  let commits = 0
  const mark = (word: 'begin' | 'end') => appendFileSync(marks, `${word} ${performance.now().toFixed(3)}\n`)
  const watched = (writer: Writer): Writer => ({
    run: writer.run,
    close: () => writer.close(),
    async commit(step) {
      const number = ++commits
      mark('begin')
      wake(number)
      await writer.commit(step)
      mark('end')
    },
  })
  return { ...topics, writer: async (options) => watched(await topics.writer(options)) }
}

/** What a process said in its marks; the file is gone then. */
export function readMarks(marks: string): { inside: boolean; commitsMs: number[] } {
  const commitsMs: number[] = []
  let began = Number.NaN
  let inside = false
  for (const line of readIfThere(marks).split('\n')) {
    const [word, time] = line.split(' ')
    if (word === 'begin') began = Number(time)
    if (word === 'end') commitsMs.push(Number(time) - began)
    if (word === 'begin' || word === 'end') inside = word === 'begin'
  }
  rmSync(marks, { force: true })
  return { inside, commitsMs }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
