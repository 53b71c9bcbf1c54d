// What every topic engine promises. An engine is done when this passes.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batchOf, rowsOf } from '../../schemas/batch.ts'
import { canonical } from '../../schemas/json.ts'
import { recordNames, type Trade } from '../../schemas/records.generated.ts'
import type { EngineOptions } from '../../topics/index.ts'
import type { Topics } from '../../topics/topics.ts'
import { anyRow } from '../rows.ts'
import { fetchAll, idsRead, journalEntry, rowsRead, tradeRow, tradesOf } from './rows.ts'

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

const hour = 3_600_000

export function topicsConformance(engine: string, newPlace: () => Promise<Place>): void {
  describe(`topics on ${engine}`, () => {
    let place: Place
    let topics: Topics
    const children: ChildProcess[] = []

    beforeEach(async () => {
      place = await newPlace()
      topics = await place.open()
    })
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL')
      await topics.close()
      await place.remove()
    })

    /** Another process, and the lines that it says. */
    function start(role: string, ...rest: string[]): { child: ChildProcess; line(): Promise<string> } {
      const script = fileURLToPath(new URL('./child.ts', import.meta.url))
      const child = spawn(process.execPath, [script, JSON.stringify(place.options), role, ...rest], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      children.push(child)
      const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
      return { child, line: async () => String((await lines.next()).value) }
    }

    /** Commits each batch of trades as a step of its own. */
    async function write(...cuts: [from: number, to: number][]): Promise<void> {
      const writer = await topics.writer({ run: 'feed', market: true })
      for (const [from, to] of cuts) await writer.commit({ outputs: [tradesOf(from, to)] })
      await writer.close()
    }

    describe('rows', () => {
      test.each(recordNames.map((record) => [record]))('of %s come back as they were written', async (record) => {
        const writer = await topics.writer({ run: 'any', market: true })
        const anyRows = fc.array(anyRow(record), { minLength: 1, maxLength: 20 })
        const written: unknown[] = []
        for (const rows of fc.sample(anyRows, { numRuns: 12, seed: 7 })) {
          const batch = batchOf(record, rows as never)
          written.push(...rowsOf(batch))
          await writer.commit({ outputs: [batch] })
        }
        const name = (await topics.list()).find((topic) => topic.record === record)!.name
        const read = (await fetchAll(topics, name)).flatMap(({ batch }) => rowsOf(batch))
        expect(read).toEqual(written)
        await writer.close()
      })

      test('of a partition have rising offsets, and ends says what the next one is', async () => {
        await write([0, 10], [10, 11], [11, 500])
        const rows = await rowsRead(topics, 'market.trades')
        expect(rows.map(({ offset }) => offset)).toEqual(rows.map(({ row }) => Number(row.id)))
        expect(await topics.info('market.trades')).toMatchObject({
          ...{ record: 'trades', run: undefined, partitions: 1, rows: 500, ends: [500] },
          ...{ first: tradeRow(0).received, last: tradeRow(499).received },
        })
      })

      test('keep symbols in any script', async () => {
        const symbols = ['币安人生USDT', 'BTC-USD', 'ß/ẞ', '😀', 'a:b', '', 'x'.repeat(300)]
        const writer = await topics.writer({ run: 'feed', market: true })
        await writer.commit({
          outputs: [
            batchOf(
              'trades',
              symbols.map((symbol, i) => tradeRow(i, { symbol })),
            ),
          ],
        })
        await writer.close()
        const rows = await rowsRead(topics, 'market.trades')
        expect(rows.map(({ row }) => row.symbol)).toEqual(symbols)
      })

      test('may be large: 20 MB in one', async () => {
        const bytes = Buffer.alloc(20_000_000, 'smartspeed')
        const row = {
          time: 1,
          received: 2,
          exchange: 'b',
          symbol: 's',
          source: 'x',
          reason: 'r',
          message: '',
          bytes,
          attempts: 1,
        }
        const writer = await topics.writer({ run: 'feed', market: true })
        await writer.commit({ outputs: [batchOf('dead-letters', [row])] })
        await writer.close()
        const [read] = await rowsRead<{ bytes: Uint8Array }>(topics, 'market.dead-letters')
        expect(Buffer.compare(read!.row.bytes, bytes)).toBe(0)
      })
    })

    describe('a topic', () => {
      test('that is made and empty has no rows, and reading it ends', async () => {
        const made = await topics.create([{ record: 'trades' }, { record: 'orders', run: 'r', partitions: 3 }])
        expect(made).toEqual({ created: ['market.trades', 'r.orders'], existing: [] })
        expect(await idsRead(topics, 'market.trades')).toEqual([])
        expect(await idsRead(topics, 'r.orders', { order: 'received' })).toEqual([])
        expect(await topics.info('r.orders')).toMatchObject({ rows: 0, run: 'r', first: undefined, ends: [0, 0, 0] })
      })

      test('that is there already keeps its partitions', async () => {
        await topics.create([{ record: 'trades', partitions: 4 }])
        expect(await topics.create([{ record: 'trades', partitions: 2 }])).toEqual({
          created: [],
          existing: ['market.trades'],
        })
        expect((await topics.info('market.trades')).partitions).toBe(4)
      })

      test('that is not there is named, with the nearest that is', async () => {
        await topics.create([{ record: 'trades' }])
        const missing = { code: 'TOPIC_MISSING', fix: expect.stringContaining('market.trades') }
        await expect(topics.info('market.trade')).rejects.toMatchObject(missing)
        await expect(idsRead(topics, 'market.traces')).rejects.toMatchObject(missing)
      })

      test('of a run with an odd name is refused before anything is made', async () => {
        for (const run of ['', '.', '..', 'a/b', 'a b', 'x'.repeat(101), 'market', 'é']) {
          await expect(topics.writer({ run }), run).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
          await expect(topics.create([{ record: 'orders', run }]), run).rejects.toMatchObject({
            code: 'CONFIG_INVALID',
          })
        }
        expect(await topics.list()).toEqual([])
        const writer = await topics.writer({ run: 'A-z_0.9' })
        await writer.commit({ outputs: [alertsOf([1])] })
        await writer.close()
        expect((await topics.list()).map(({ name }) => name)).toEqual(['A-z_0.9.alerts'])
      })
    })

    describe('partitions', () => {
      test('are chosen by the hash of the key that Kafka takes, and keep the order of each key', async () => {
        await topics.create([{ record: 'trades', partitions: 3 }])
        const symbols = ['BTCUSDT', 'ETHUSDT', '币安人生USDT', 'SOLUSDT']
        const rows = Array.from({ length: 400 }, (_, i) => tradeRow(i, { symbol: symbols[(i * i) % 4]! }))
        const writer = await topics.writer({ run: 'feed', market: true })
        await writer.commit({ outputs: [batchOf('trades', rows.slice(0, 250))] })
        await writer.commit({ outputs: [batchOf('trades', rows.slice(250))] })
        await writer.close()
        const read = await rowsRead(topics, 'market.trades')
        for (const { partition, row } of read) expect(partition, row.symbol).toBe(kafkaPartitionsOf3[row.symbol])
        for (const symbol of symbols) {
          const ids = read.filter(({ row }) => row.symbol === symbol).map(({ row }) => Number(row.id))
          expect(ids).toEqual(rows.filter((row) => row.symbol === symbol).map(({ id }) => Number(id)))
        }
        const only = await rowsRead(topics, 'market.trades', { partitions: [1] })
        expect(only).toEqual(read.filter(({ partition }) => partition === 1))
      })
    })

    describe('a reader', () => {
      test('that resumes at any offset misses nothing and repeats nothing', async () => {
        await write([0, 7], [7, 8], [8, 40], [40, 64])
        for (let stop = 0; stop <= 64; stop++) {
          const before = await idsRead(topics, 'market.trades', { to: { offsets: [stop] } })
          const behind = await idsRead(topics, 'market.trades', { from: { offsets: [stop] } })
          expect([...before, ...behind]).toEqual(Array.from({ length: 64 }, (_, i) => i))
          expect(before.length).toBe(stop)
        }
      })

      test('ends at what was committed when it began, and a follower goes on', async () => {
        await write([0, 5])
        const seen: number[] = []
        const stop = new AbortController()
        const following = (async () => {
          for await (const { batch } of topics.read('market.trades', { follow: true, signal: stop.signal })) {
            for (const row of rowsOf(batch)) seen.push(Number((row as Trade).id))
            if (seen.length >= 9) stop.abort()
          }
        })()
        await write([5, 6], [6, 9])
        await following
        expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
        expect((await idsRead(topics, 'market.trades')).length).toBe(9)
      })

      test('that follows ends when it is told to stop, also while nothing comes', async () => {
        await topics.create([{ record: 'trades' }])
        const stop = new AbortController()
        const following = idsRead(topics, 'market.trades', { follow: true, signal: stop.signal })
        setTimeout(() => stop.abort(), 20)
        expect(await following).toEqual([])
      })

      test('may stop early', async () => {
        await write([0, 5], [5, 10])
        for await (const { offset } of topics.read('market.trades')) {
          expect(offset).toBe(0)
          break
        }
        expect((await idsRead(topics, 'market.trades')).length).toBe(10)
      })

      test('meets holes of offsets and goes on behind them', async ({ skip }) => {
        if (place.punch === undefined) return skip('this engine never has holes')
        await write([0, 4], [4, 9], [9, 12])
        topics = await place.punch(topics)
        const rows = await rowsRead(topics, 'market.trades')
        const kept = [0, 1, 2, 3, 9, 10, 11]
        expect(rows.map(({ offset }) => offset)).toEqual(kept)
        expect(rows.map(({ row }) => Number(row.id))).toEqual(kept)
        for (const from of [4, 6, 8]) {
          expect(await idsRead(topics, 'market.trades', { from: { offsets: [from] } })).toEqual([9, 10, 11])
          expect(await idsRead(topics, 'market.trades', { to: { offsets: [from] } })).toEqual([0, 1, 2, 3])
        }
        await write([12, 14])
        expect(await idsRead(topics, 'market.trades', { order: 'received' })).toEqual([...kept, 12, 13])
      })
    })

    describe('receive time', () => {
      /** Trades whose receive times stand in any order: numbers as ids, times as given. */
      async function writeTimes(batches: readonly (readonly number[])[]): Promise<Trade[]> {
        const writer = await topics.writer({ run: 'feed', market: true })
        const all: Trade[] = []
        for (const times of batches) {
          const rows = times.map((time, i) => {
            const symbol = ['b', 'a', 'c'][(time + i) % 3]!
            return tradeRow(all.length + i, { received: time, symbol })
          })
          all.push(...rows)
          await writer.commit({ outputs: [batchOf('trades', rows)] })
        }
        await writer.close()
        return all
      }
      const anyTimes = fc.array(fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
      const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
      const byRule = (a: Trade, b: Trade) =>
        a.received - b.received ||
        text(a.exchange, b.exchange) ||
        text(a.symbol, b.symbol) ||
        Number(a.id) - Number(b.id)

      test('orders rows that were appended in any other order, ties by exchange, symbol and offset', async () => {
        let runs = 0
        await fc.assert(
          fc.asyncProperty(anyTimes, fc.nat(40), fc.nat(40), async (batches, from, to) => {
            if (runs++ > 0) {
              await topics.close()
              await place.remove()
              place = await newPlace()
              topics = await place.open()
            }
            const all = await writeTimes(batches)
            const wanted = all.filter(({ received }) => received >= from && received < to)
            const read = (order: 'offset' | 'received') =>
              rowsRead(topics, 'market.trades', { order, from: { received: from }, to: { received: to } })
            const inOrder = await read('received')
            expect(inOrder.map(({ row }) => row)).toEqual([...wanted].sort(byRule))
            expect(inOrder.map(({ offset }) => offset)).toEqual(inOrder.map(({ row }) => Number(row.id)))
            expect((await read('offset')).map(({ row }) => row)).toEqual(wanted)
            const resumed = { order: 'received' as const, from: { offsets: [3] }, to: { offsets: [9] } }
            const part = all.filter(({ id }) => Number(id) >= 3 && Number(id) < 9)
            expect((await rowsRead(topics, 'market.trades', resumed)).map(({ row }) => row)).toEqual(part.sort(byRule))
          }),
          { numRuns: 15, seed: 11 },
        )
      })

      test('finds the first row at or after a time', async () => {
        await write([0, 100], [100, 200], [200, 300])
        for (const number of [0, 1, 99, 100, 150, 299]) {
          const from = { received: tradeRow(number).received }
          expect((await idsRead(topics, 'market.trades', { from }))[0]).toBe(number)
          expect((await idsRead(topics, 'market.trades', { to: from })).length).toBe(number)
        }
        expect(await idsRead(topics, 'market.trades', { from: { received: tradeRow(300).received } })).toEqual([])
      })
    })

    describe('a commit', () => {
      test('makes outputs, journal, snapshot and what is known of the run visible at once, in order', async () => {
        const writer = await topics.writer({ run: 'r', market: true })
        const commits = [0, 1, 2].map((step) =>
          writer.commit({
            outputs: [tradesOf(step * 2, step * 2 + 2), alertsOf([step]), alertsOf([step + 0.5])],
            journal: journalEntry('r', 'task', step),
            snapshot: Buffer.from(`state ${step}`),
            run: { step },
          }),
        )
        await Promise.all(commits)
        await writer.close()
        expect(await idsRead(topics, 'market.trades')).toEqual([0, 1, 2, 3, 4, 5])
        const alerts = await rowsRead<{ message: string }>(topics, 'r.alerts')
        expect(alerts.map(({ row }) => row.message)).toEqual(['0', '0.5', '1', '1.5', '2', '2.5'])
        expect(await journalOf(topics, 'r', 'task')).toEqual([0, 1, 2].map((step) => journalEntry('r', 'task', step)))
        expect(await topics.snapshot('r', 'task')).toEqual({ step: 2, bytes: new Uint8Array(Buffer.from('state 2')) })
        expect(await topics.runs()).toEqual([{ run: 'r', about: { step: 2 } }])
      })

      test('that is refused leaves nothing behind, and the next one is whole', async () => {
        const writer = await topics.writer({ run: 'r' })
        const step = { outputs: [alertsOf([1]), tradesOf(0, 1)], journal: journalEntry('r', 't', 0), run: { a: 1 } }
        await expect(writer.commit(step)).rejects.toMatchObject({ code: 'USAGE' })
        expect(await topics.list()).toEqual([])
        expect(await topics.runs()).toEqual([])
        expect(await journalOf(topics, 'r', 't')).toEqual([])
        await writer.commit({ outputs: [alertsOf([1])] })
        expect((await topics.info('r.alerts')).ends).toEqual([1])
        await writer.close()
        await expect(writer.commit({ outputs: [] })).rejects.toMatchObject({ code: 'USAGE' })
      })

      test('is seen whole or not at all by a reader of another handle', async () => {
        const other = await place.open()
        const writer = await topics.writer({ run: 'r', market: true })
        let done = false
        const writing = (async () => {
          for (let step = 0; step < 60; step++)
            await writer.commit({ outputs: [tradesOf(step, step + 1), alertsOf([step])] })
          done = true
        })()
        let looks = 0
        while (!done) {
          const ends = (await other.list()).map(({ ends }) => ends[0])
          if (ends.length > 0) expect(ends).toEqual([ends[0], ends[0]])
          looks++
          await new Promise((resolve) => setImmediate(resolve))
        }
        await writing
        expect(looks).toBeGreaterThan(10)
        await writer.close()
        await other.close()
      })

      test('T13: of a process killed at any moment is there whole or not at all', async () => {
        const run = 'killed'
        let last = -1
        for (let round = 0; round < 20; round++) {
          // Now and then nobody else has the topics open when it dies.
          if (round % 4 === 0) await topics.close()
          const { child, line } = start('write', run)
          expect(await line()).toBe('ready')
          const until = last + 1 + (round % 3)
          while (last < until) last = Number(await line())
          // Somewhere inside the commit that follows.
          await new Promise((resolve) => setTimeout(resolve, round * 0.2))
          child.kill('SIGKILL')
          await once(child, 'exit')
          await topics.close()
          topics = await place.open()
          const steps = (await journalOf(topics, run, 'task')).map(({ step }) => step)
          expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i))
          expect(steps.length).toBeGreaterThan(last)
          const ids = Array.from({ length: steps.length * 3 }, (_, i) => i)
          expect(await idsRead(topics, 'market.trades')).toEqual(ids)
          const alerts = await rowsRead<{ message: string }>(topics, `${run}.alerts`)
          expect(alerts.map(({ row }) => Number(row.message))).toEqual(ids)
          const { step, bytes } = (await topics.snapshot(run, 'task'))!
          expect([step, bytes.length, bytes[0], bytes.at(-1)]).toEqual([
            ...[steps.length - 1, 700_000, step % 251, step % 251],
          ])
          expect(await topics.runs()).toEqual([{ run, about: { step: steps.length - 1 } }])
          last = steps.length - 1
        }
      })
    })

    describe('a lease', () => {
      test('is held against this process and others, which learn who holds it', async () => {
        const writer = await topics.writer({ run: 'r' })
        await expect(topics.writer({ run: 'r' })).rejects.toMatchObject({ code: 'LEASE_HELD' })
        const other = await topics.writer({ run: 'other' })
        await other.close()
        expect(await start('take', 'r').line()).toContain(`LEASE_HELD`)
        expect(await start('take', 'r').line()).toContain(String(process.pid))
        await writer.close()
        expect(await start('take', 'r').line()).toBe('taken')
      })

      test('of the market is one for all runs, and refusing it gives the run back', async () => {
        const writer = await topics.writer({ run: 'a', market: true })
        await expect(topics.writer({ run: 'b', market: true })).rejects.toMatchObject({ code: 'LEASE_HELD' })
        await (await topics.writer({ run: 'b' })).close()
        await writer.close()
      })

      test('ends with a process that is killed', async () => {
        const { child, line } = start('hold', 'r', 'market')
        expect(await line()).toBe('ready')
        await expect(topics.writer({ run: 'r' })).rejects.toMatchObject({
          code: 'LEASE_HELD',
          message: expect.stringContaining(String(child.pid)),
        })
        child.kill('SIGKILL')
        await once(child, 'exit')
        await (await topics.writer({ run: 'r', market: true })).close()
      })
    })

    test('readers in other processes see every commit of one writer, in order', async () => {
      await topics.create([{ record: 'trades' }])
      const readers = [1, 2, 3].map(() => start('follow', 'market.trades', '1000'))
      for (const { line } of readers) expect(await line()).toBe('ready')
      const cuts = Array.from({ length: 100 }, (_, i): [number, number] => [i * 10, i * 10 + 10])
      await write(...cuts)
      const hash = createHash('sha256')
      for (const row of rowsOf(tradesOf(0, 1000))) hash.update(canonical('trades', row))
      const digest = hash.digest('hex')
      for (const { line } of readers) expect(await line()).toBe(digest)
    })

    describe('retention', () => {
      test('counts from writing, not from the rows’ own times, and says which rows are gone', async () => {
        let now = 1_000_000_000_000
        await topics.close()
        topics = await place.open({ clock: () => now })
        await topics.create([{ record: 'trades', retentionMs: 48 * hour }, { record: 'quotes' }])
        const writer = await topics.writer({ run: 'feed', market: true })
        // Old rows written late, new rows written early.
        await writer.commit({ outputs: [tradesOf(5_000_000, 5_000_004), quotesOf(3)] })
        now += 10 * hour
        await writer.commit({ outputs: [tradesOf(0, 3)] })
        expect(await topics.retain(now)).toMatchObject({ rows: 0 })
        now += 39 * hour
        await writer.commit({ outputs: [tradesOf(10, 12)] })
        const gone = await topics.retain(now)
        expect(gone.rows).toBe(4)
        expect(gone.bytes).toBeGreaterThan(0)
        expect((await rowsRead(topics, 'market.trades')).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8])
        expect(await topics.info('market.trades')).toMatchObject({
          ...{ rows: 5, ends: [9], retentionMs: 48 * hour },
          ...{ first: tradeRow(0).received, last: tradeRow(11).received },
        })
        expect((await topics.info('market.quotes')).rows).toBe(3)
        const asked = rowsRead(topics, 'market.trades', { from: { offsets: [2] } })
        await expect(asked).rejects.toMatchObject({
          code: 'HISTORY_EXPIRED',
          message: expect.stringContaining('offset 2'),
        })
        expect((await rowsRead(topics, 'market.trades', { from: { offsets: [4] } })).length).toBe(5)
        now += 100 * hour
        expect((await topics.retain(now)).rows).toBe(5)
        expect(await idsRead(topics, 'market.trades')).toEqual([])
        await writer.commit({ outputs: [tradesOf(20, 21)] })
        expect((await rowsRead(topics, 'market.trades')).map(({ offset }) => offset)).toEqual([9])
        await writer.close()
      })
    })

    describe('state', () => {
      test('a snapshot of any length is given back as it was, the last one at or before a step', async () => {
        const writer = await topics.writer({ run: 'r' })
        const states = [0, 1, 512 * 1024, 512 * 1024 + 1, 3_000_000].map((length) => Buffer.alloc(length, length % 251))
        for (const [step, snapshot] of states.entries()) {
          await writer.commit({ outputs: [], task: 'a', journal: journalEntry('r', 'a', step), snapshot })
          const read = await topics.snapshot('r', 'a')
          expect(read!.step).toBe(step)
          expect(Buffer.compare(read!.bytes, snapshot)).toBe(0)
        }
        await writer.commit({ outputs: [], journal: journalEntry('r', 'b', 7), snapshot: Buffer.from('b') })
        expect((await topics.snapshot('r', 'a', 3))!.step).toBe(3)
        expect((await topics.snapshot('r', 'b'))!.step).toBe(7)
        expect(await topics.snapshot('r', 'c')).toBeUndefined()
        expect(await topics.snapshot('none', 'a')).toBeUndefined()
        await writer.close()
      })

      test('journal entries of a task come back in order, from a step on', async () => {
        const writer = await topics.writer({ run: 'r' })
        for (let step = 0; step < 300; step++) {
          await writer.commit({ outputs: [], journal: journalEntry('r', step % 3 === 0 ? 'b' : 'a', step) })
        }
        await writer.close()
        const steps = (entries: { step: number }[]) => entries.map(({ step }) => step)
        const numbers = Array.from({ length: 300 }, (_, i) => i)
        expect(steps(await journalOf(topics, 'r', 'a'))).toEqual(numbers.filter((step) => step % 3 !== 0))
        expect(steps(await journalOf(topics, 'r', 'b', 200))).toEqual(
          numbers.filter((step) => step % 3 === 0 && step >= 200),
        )
      })

      test('a run that is removed is gone, and its name starts anew', async () => {
        const writer = await topics.writer({ run: 'r', market: true })
        const step = { outputs: [alertsOf([1, 2]), tradesOf(0, 2)], journal: journalEntry('r', 't', 0), run: { n: 1 } }
        await writer.commit({ ...step, snapshot: Buffer.alloc(1000) })
        await expect(topics.removeRun('r')).rejects.toMatchObject({ code: 'LEASE_HELD' })
        await writer.close()
        await topics.removeRun('r')
        expect(await topics.runs()).toEqual([])
        expect((await topics.list()).map(({ name }) => name)).toEqual(['market.trades'])
        expect(await topics.snapshot('r', 't')).toBeUndefined()
        expect(await journalOf(topics, 'r', 't')).toEqual([])
        await expect(topics.removeRun('r')).rejects.toMatchObject({ code: 'RUN_MISSING' })
        const again = await topics.writer({ run: 'r' })
        await again.commit({ outputs: [alertsOf([9])] })
        await again.close()
        expect(
          (await rowsRead<{ message: string }>(topics, 'r.alerts')).map(({ offset, row }) => [offset, row.message]),
        ).toEqual([[0, '9']])
      })
    })
  })
}

/** org.apache.kafka.common.utils.Utils.toPositive(murmur2(key)) % 3 of `binance:<symbol>`. */
const kafkaPartitionsOf3: Record<string, number> = { BTCUSDT: 2, ETHUSDT: 1, 币安人生USDT: 1, SOLUSDT: 0 }

function alertsOf(messages: readonly number[]) {
  const words = { exchange: 'binance', symbol: 'BTCUSDT', account: 'main', component: 'test', code: 'C' }
  return batchOf(
    'alerts',
    messages.map((message) => ({ time: 1, received: 2, ...words, severity: 'info', message: String(message) })),
  )
}

function quotesOf(count: number) {
  const rows = Array.from({ length: count }, (_, i) => {
    const { time, received, exchange, symbol } = tradeRow(i)
    return { time, received, exchange, symbol, bid: 1, bidSize: 1, ask: 2, askSize: 1, sequence: BigInt(i) }
  })
  return batchOf('quotes', rows)
}

async function journalOf(topics: Topics, run: string, task: string, from?: number) {
  const entries = []
  for await (const entry of topics.journal(run, task, from)) entries.push(entry)
  return entries
}
