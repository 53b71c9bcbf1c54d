// Every command over Kafka, as a person runs it: by TLS, as a user, with a real capture; and the same over the embedded log beside it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, documentOf } from '../tests/commands.ts'
import { dataDir, describeWith } from '../tests/data.ts'
import { ownServices } from '../tests/services.ts'

const capture = join(dataDir, 'captures/usdm-btcusdt-20240808.gz')
const minutes = 60_000_000

describeWith(['data', 'kafka', 'time'], 'commands on Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-kafka-'))
  const dir = join(folder, 'log')
  const before = { ...process.env }
  let services: Awaited<ReturnType<typeof ownServices<'kafka' | 'registry'>>>
  beforeAll(async () => {
    services = await ownServices({ names: ['kafka', 'registry'], kafka: { users: { alice: 'told-to-nobody' } } })
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, services.kafka.secure!.ca)
    Object.assign(process.env, {
      ...{ SMARTSPEED_DIR: dir, SMARTSPEED_BROKERS: services.kafka.secure!.brokers[0] },
      ...{ SMARTSPEED_REGISTRY: services.registry.url, SMARTSPEED_TLS_CA: ca },
      ...{ SMARTSPEED_SASL_MECHANISM: 'scram-sha-512', SMARTSPEED_SASL_USERNAME: 'alice' },
      SMARTSPEED_SASL_PASSWORD: 'told-to-nobody',
    })
  }, 600_000)
  afterAll(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    await services?.end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What a command says of Kafka, and of the embedded log. */
  const both = async <T>(...args: readonly string[]): Promise<[kafka: T, embedded: T]> => [
    await documentOf<T>(...args, '--engine', 'kafka'),
    await documentOf<T>(...args),
  ]
  const equal = async (...args: readonly string[]) => {
    const [kafka, embedded] = await both<Record<string, unknown>>(...args)
    expect(withoutPartitions(kafka), args.join(' ')).toEqual(withoutPartitions(embedded))
    return kafka
  }
  /** Of six on Kafka, of one in the embedded log. */
  const withoutPartitions = (found: object) =>
    JSON.parse(JSON.stringify(found, (key, value: unknown) => (key === 'partition' ? undefined : value))) as object

  test('topics are made by the catalogue, once, with what of them differs from what is asked', async () => {
    const create = ['topics', 'create', '--engine', 'kafka', '--keep', 'forever']
    const first = await documentOf<{ created: string[]; existing: string[] }>(...create)
    expect(first).toMatchObject({
      created: expect.arrayContaining(['market.trades', 'market.clocks']),
      existing: [],
      drift: [],
    })
    expect(await documentOf(...create)).toEqual({ created: [], existing: first.created, drift: [] })
    const { topics } = await documentOf<{ topics: object[] }>('topics', '--engine', 'kafka')
    expect(topics).toContainEqual(expect.objectContaining({ name: 'market.trades', partitions: 6, retentionMs: null }))
    expect(topics).toContainEqual(expect.objectContaining({ name: 'market.clocks', partitions: 1 }))
    const other = [
      ...create.slice(0, 4),
      '--topics',
      'trades,clocks',
      '--partitions',
      '4',
      '--keep',
      '24h',
      '--min-isr',
      '1',
    ]
    const { drift } = await documentOf<{ drift: { setting: string; fix: string }[] }>(...other)
    expect(drift.map(({ setting }) => setting)).toEqual(['partitions', 'retention.ms'])
    expect(drift[1]!.fix).toBe(
      'npx smartspeed topics create --engine kafka --partitions 4 --min-isr 1 --topics trades,clocks --keep 24h --mend',
    )
    // What the line says, as it stands there.
    const mended = drift[1]!.fix.split(' ').slice(2)
    expect(await documentOf(...mended)).toMatchObject({ drift: [{ setting: 'partitions' }] })
    expect(await documentOf('topics', '--drift', '--engine', 'kafka')).toEqual({ drift: [] })
    await documentOf(...create, '--topics', 'trades', '--mend')
  }, 600_000)

  test('what is on the brokers and is not as it was made ends with 1, until it is mended', async () => {
    const { openClient } = await import('../topics/kafka/engine.ts')
    const wire = openClient({ brokers: services.kafka.brokers })
    await wire.alterConfigs('market.quotes', { 'cleanup.policy': 'compact' })
    await wire.close()
    const drift = ['topics', '--drift', '--engine', 'kafka']
    await expect.poll(async () => (await command(drift)).code, { timeout: 20_000 }).toBe(1)
    const { out } = await command(drift)
    expect(out).toContain('market.quotes: cleanup.policy is compact, not delete')
    expect(out).toContain('npx smartspeed topics --engine kafka --drift --mend')
    expect((await command([...drift, '--mend'])).code).toBe(0)
    await expect.poll(async () => (await command(drift)).code, { timeout: 20_000 }).toBe(0)
  }, 600_000)

  test('wrong sizes, names and times are said before anything is made', async () => {
    const create = ['topics', 'create', '--engine', 'kafka']
    for (const [args, said] of [
      [['--min-isr', '3', '--replicas', '2'], '--min-isr 2 at most'],
      [['--topics', 'trads'], 'did you mean "trades"?'],
      [['--keep', '2 days'], 'forever, or hours'],
      [['--partitions', '0'], '--partitions'],
    ] as const) {
      const { code, err } = await command([...create, ...args])
      expect([code, err]).toEqual([2, expect.stringContaining(said)])
    }
    expect((await command(['topics', 'create'])).err).toContain('--engine kafka')
    expect(await command(['salvage', '--engine', 'kafka'])).toMatchObject({ code: 2 })
  })

  test('an import is refused by a schema that ours cannot read, before anything is there', async () => {
    const { openRegistry } = await import('../topics/kafka/registry.ts')
    const { schemaOf } = await import('../schemas/avro.ts')
    const trades = schemaOf('trades') as unknown as { fields: readonly { name: string; type: unknown }[] }
    const fields = trades.fields.map((one) => (one.name === 'size' ? { ...one, type: 'string' } : one))
    const theirs = { ...trades, fields } as unknown as Parameters<ReturnType<typeof openRegistry>['idOf']>[1]
    await openRegistry(services.registry.url).idOf('theirs.market.trades-value', theirs)
    const where = ['--engine', 'kafka', '--prefix', 'theirs.']
    const refused = await command(['import', capture, '--exchange', 'binance-usdm', ...where])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('SCHEMA_INCOMPATIBLE') })
    const { topics } = await documentOf<{ topics: { name: string; rows: number }[] }>('topics', ...where)
    expect(topics.filter(({ rows }) => rows > 0)).toEqual([])
  }, 600_000)

  test('an import and its runs are the same on both engines, and so is what each command says of them', async () => {
    for (const engine of ['kafka', 'embedded']) {
      await documentOf('import', capture, '--exchange', 'binance-usdm', '--engine', engine)
    }
    const { hash: hashOf } = await equal('hash', 'trades')
    expect(hashOf).toMatch(/^[0-9a-f]{64}$/)
    const [{ topics }] = await both<{ topics: { name: string; first: number }[] }>('topics')
    const from = topics.find(({ name }) => name === 'market.trades')!.first
    const range = ['--from', String(from), '--to', String(from + 5 * minutes), '--exchange', 'binance-usdm']
    const runs = {
      slow: ['--strategy', 'sma-cross', '--set', 'fast=5', '--set', 'slow=20', '--interval', '1s'],
      fast: ['--strategy', 'sma-cross', '--set', 'fast=2', '--set', 'slow=7', '--interval', '1s'],
    }
    for (const [name, args] of Object.entries(runs)) {
      const [there, here] = await both<Record<string, unknown>>(
        ...['backtest', ...args, ...range, '--symbol', 'BTCUSDT', '--latency-ms', '3', '--name', name],
      )
      expect(there.hashes).toEqual(here.hashes)
      expect(there).toMatchObject({ fills: here.fills, metrics: here.metrics, finalEquity: here.finalEquity })
      expect(here.fills).toBeGreaterThan(0)
    }
    await equal('parity', 'slow')
    await equal('explain', 'slow', '1')
    await equal('trades', 'slow')
    await equal('runs', 'compare', 'slow', 'fast')
    const [listed, expected] = await both<{ runs: { run: string; startedMs: number }[] }>('runs')
    const without = ({ runs }: typeof listed) => runs.map(({ startedMs: _, ...run }) => run)
    expect(without(listed)).toEqual(without(expected))
    await sameReport()
    await sameSpace()
  }, 1_800_000)

  async function sameReport(): Promise<void> {
    const pages = ['kafka', 'embedded'].map((engine) => join(folder, `${engine}.html`))
    for (const [i, engine] of ['kafka', 'embedded'].entries()) {
      await documentOf('report', 'slow', '-o', pages[i]!, '--engine', engine)
    }
    const [there, here] = pages.map((page) => withoutInputs(readFileSync(page, 'utf8')))
    expect(there!.length).toBeGreaterThan(50_000)
    expect(there === here, 'the reports are equal').toBe(true)
  }

  async function sameSpace(): Promise<void> {
    await equal('gc', '--dry-run')
    const [there, here] = await both<{ runs: { run: string; bytes: number }[] }>('runs', 'rm', 'f*')
    expect([there, here].map(({ runs }) => runs.map(({ run }) => run))).toEqual([['fast'], ['fast']])
    expect(there.runs[0]!.bytes).toBeGreaterThan(0)
    expect((await equal('trades', 'slow')).length).toBeGreaterThan(0)
    for (const engine of ['kafka', 'embedded']) {
      expect((await command(['trades', 'fast', '--engine', engine])).err).toContain('RUN_MISSING')
    }
  }
})

/** A report without its list of inputs: topics that were made and are empty are in it, and where each partition ended. */
function withoutInputs(page: string): string {
  return page.replace(/&quot;inputs&quot;: \[[\s\S]*?\n {2}\]/, '')
}
