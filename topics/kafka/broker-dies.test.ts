import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServices, stopServices } from '../../deploy/services/index.ts'
import { idsRead, journalEntry, journalRead, tradesOf } from '../../tests/conformance/rows.ts'
import { describeWith } from '../../tests/data.ts'
import { ownServices } from '../../tests/services.ts'
import { clientNames, openKafka } from './engine.ts'

describeWith(['kafka', 'time'], 'a broker that dies', () => {
  let services: Awaited<ReturnType<typeof ownServices<'kafka' | 'registry'>>>
  beforeAll(async () => {
    services = await ownServices({ names: ['kafka', 'registry'] })
  })
  afterAll(() => services?.end())

  test.each(clientNames.map((client) => [client]))(
    'T8: in the midst of commits, and comes back, leaves every step there once, and the writer goes on (%s)',
    async (client) => {
      const { brokers } = services.kafka
      const options = { brokers, registry: services.registry.url, client, prefix: `dies-${client}.` }
      const topics = await openKafka(options)
      const writer = await topics.writer({ run: 'r', market: true })
      const steps = 400
      let done = 0
      const writing = (async () => {
        for (let step = 0; step < steps; step++) {
          await writer.commit({ outputs: [tradesOf(step * 3, step * 3 + 3)], journal: journalEntry('r', 't', step) })
          done++
        }
      })()
      writing.catch(() => undefined)
      await expect.poll(() => done, { timeout: 60_000, interval: 5 }).toBeGreaterThan(20)
      await stopServices({ names: ['kafka'], dir: services.dir, kill: true })
      expect(done).toBeGreaterThan(0)
      expect(done).toBeLessThan(steps)
      const port = Number(brokers[0]!.split(':')[1])
      await startServices({
        names: ['kafka'],
        dir: services.dir,
        ports: { kafka: port },
        quick: true,
        owner: process.pid,
      })
      await writing
      await writer.close()
      expect(await idsRead(topics, 'market.trades')).toEqual(Array.from({ length: steps * 3 }, (_, i) => i))
      expect((await journalRead(topics, 'r', 't')).map(({ step }) => step)).toEqual(
        Array.from({ length: steps }, (_, i) => i),
      )
      await topics.close()
    },
    300_000,
  )
})
