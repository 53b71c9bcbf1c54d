// What every topic engine promises. An engine is done when this passes.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe } from 'vitest'
import type { EngineOptions } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { placingPromises } from './placing-promises.ts'
import { readingPromises } from './reading-promises.ts'
import { tradesOf } from './rows.ts'
import { rowsPromises } from './rows-promises.ts'
import { taskPromises } from './task-promises.ts'
import { writingPromises } from './writing-promises.ts'

/** Topics of their own, empty at first, that several handles and processes can open. */
export interface Place {
  /** With it another process opens the same topics. */
  readonly options: EngineOptions & { engine: string }
  /** Opens them once more. `clock` gives the times of writing, ms. */
  open(options?: { clock?: () => number }): Promise<Topics>
  /** Leaves a hole of offsets behind: `market.trades` then lacks its second commit. Left out where an engine never has holes. */
  punch?(topics: Topics): Promise<Topics>
  remove(): Promise<void>
}

/** What the tests of one engine work with; topics and place are new for each test. */
export interface Suite {
  topics: Topics
  place: Place
  newPlace(): Promise<Place>
  /** Of the rounds and samples of a test, 1 is all. */
  readonly share: number
  /** Starts another process (child.ts); `line` waits for the next line that it says. */
  start(role: string, ...rest: string[]): { child: ChildProcess; line(): Promise<string> }
  /** Commits each range of trades as a step of its own. */
  write(...cuts: [from: number, to: number][]): Promise<void>
}

/** `share` of the rounds are made: the second client of an engine shares its code above the wire with the first. */
export function topicsConformance(engine: string, newPlace: () => Promise<Place>, { share = 1 } = {}): void {
  describe(`topics on ${engine}`, () => {
    const children: ChildProcess[] = []
    const suite = {
      newPlace,
      share,
      start(role, ...rest) {
        const script = fileURLToPath(new URL('./child.ts', import.meta.url))
        const options = JSON.stringify(suite.place.options)
        const child = spawn(process.execPath, [script, options, role, ...rest], { stdio: ['pipe', 'pipe', 'inherit'] })
        children.push(child)
        const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
        return { child, line: async () => String((await lines.next()).value) }
      },
      async write(...cuts) {
        const writer = await suite.topics.writer({ run: 'feed', market: true })
        for (const [from, to] of cuts) await writer.commit({ outputs: [tradesOf(from, to)] })
        await writer.close()
      },
    } as Suite

    beforeEach(async () => {
      suite.place = await newPlace()
      suite.topics = await suite.place.open()
    })
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL')
      await suite.topics.close()
      await suite.place.remove()
    })

    rowsPromises(suite)
    readingPromises(suite)
    writingPromises(suite)
    placingPromises(suite)
    taskPromises(suite)
  })
}
