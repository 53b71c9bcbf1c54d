import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeHash } from '../../pipelines/code-hash.ts'
import { describeWith, root } from '../../tests/data.ts'
import { buildWithoutDocker } from './build.ts'

const folder = mkdtempSync(join(tmpdir(), 'smartspeed-image-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000)

describeWith(['validators', 'time'], 'the image of the Dockerfile', () => {
  test('is built by its steps, and runs a market to a result as nobody in particular, with the code of this checkout', () => {
    const image = buildWithoutDocker(root, folder)
    expect(image.user).toBe('10001:10001')
    const [program, ...script] = image.entrypoint
    expect(program).toBe('node')
    chmodSync(folder, 0o755)
    const isRoot = process.getuid?.() === 0
    const tmp = join(image.root, 'tmp')
    mkdirSync(tmp, { mode: 0o777 })
    chmodSync(tmp, 0o777)
    const smartspeed = (...args: string[]) => {
      const env = {
        ...image.env,
        PATH: dirname(process.execPath),
        HOME: tmp,
        SMARTSPEED_DIR: join(image.root, image.env.SMARTSPEED_DIR!),
      }
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...script.map((path) => join(image.root, path)), ...args],
        {
          ...{ cwd: tmp, env, encoding: 'utf8', ...(isRoot ? { uid: 10_001, gid: 10_001 } : {}) },
        },
      )
      expect(status, stderr).toBe(0)
      return stdout
    }
    expect(smartspeed('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    const market = ['--exchange', 'binance-usdm', '--symbol', 'BTCUSDT']
    smartspeed('simulate', 'market', '--seed', '1', '--minutes', '1', ...market, '-o', 'market.gz')
    smartspeed('import', 'market.gz', '--exchange', 'binance-usdm')
    const flags = ['--strategy', 'sma-cross', '--set', 'fast=2', '--set', 'slow=5', '--interval', '1s', ...market]
    expect(JSON.parse(smartspeed('run', 'trading', ...flags, '--name', 'inside', '--json'))).toMatchObject({
      run: 'inside',
    })
    const { runs } = JSON.parse(smartspeed('runs', '--json')) as { runs: { codeHash: string }[] }
    expect(runs[0]!.codeHash).toBe(codeHash())

    const files = readdirSync(join(image.root, 'app'), { recursive: true, encoding: 'utf8' })
    const ours = files.filter((path) => !path.startsWith('node_modules'))
    expect(ours.filter((path) => /\.test\.ts$|^native\/target|^tests/.test(path))).toEqual([])
    expect(files.filter((path) => /^node_modules\/(vitest|typescript|node|playwright-core)\//.test(path))).toEqual([])
  }, 900_000)
})
