// The first lines of kafka.md work as they stand there.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeWith, root } from '../tests/data.ts'

const page = readFileSync(join(root, 'docs/kafka.md'), 'utf8')
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)![1]!

describeWith(['kafka', 'time'], 'the page on Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smartspeed-page-'))
  const run = (...args: readonly string[]) => {
    const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } } as const
    return spawnSync(process.execPath, [join(root, 'bin/main.ts'), ...args], options)
  }
  afterAll(() => {
    run('services', 'down', '--kill')
    rmSync(folder, { recursive: true, force: true })
  })

  test('starts with lines that work', () => {
    const commands = block('sh').trim().split('\n')
    const [up, ...rest] = commands.map((line) => line.split(' ').slice(2))
    // On ports of its own: somebody may have the usual ones.
    const { stdout, stderr } = run(...up!, '--port', 'kafka=0', '--port', 'registry=0', '--json')
    const { services } = JSON.parse(stdout || `{"services":[],"error":${JSON.stringify(stderr)}}`) as {
      services: { name: string; endpoint: string }[]
    }
    const [kafka, registry] = ['kafka', 'registry'].map((one) => services.find(({ name }) => name === one)!.endpoint)
    const config = block('yaml')
    expect(config).toContain('brokers: 127.0.0.1:9092\nregistry: http://127.0.0.1:8081/')
    const here = config.replace(/(?<=brokers: ).*/, kafka!).replace(/(?<=registry: ).*/, registry!)
    writeFileSync(join(folder, 'smartspeed.yaml'), here)
    for (const args of rest) {
      const { status, stderr } = run(...args)
      expect(status, `${args.join(' ')}\n${stderr}`).toBe(0)
    }
    expect(run('cat', 'features', '--run', 'seen', '--limit', '1').stdout).toContain('BTCUSDT')
  }, 1_800_000)
})
