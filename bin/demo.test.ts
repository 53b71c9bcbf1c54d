import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../tests/data.ts'

describe('what npm start shows', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'smartspeed-demo-'))
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  function demonstrate(...args: string[]) {
    const env = { ...process.env, SMARTSPEED_DIR: dir }
    return spawnSync(process.execPath, [join(root, 'bin/demo.ts'), ...args], { cwd: dir, env, encoding: 'utf8' })
  }
  const hashIn = (text: string) => /hash of executions +([0-9a-f]{16})/.exec(text)?.[1]

  test('a market goes in, a summary and a self-contained report come out, and again the same', () => {
    const first = demonstrate('--minutes', '1')
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('book in sync, 0 gaps, 0 times crossed') })
    const page = readFileSync(/The report: (\S+)/.exec(first.stdout)![1]!, 'utf8')
    expect(page).toMatch(/^<!doctype html>/i)
    expect(page).not.toMatch(/(src|href)="https?:/)
    expect(hashIn(first.stdout)).toBeDefined()
    expect(hashIn(demonstrate('--minutes', '1').stdout)).toBe(hashIn(first.stdout))
    expect(hashIn(demonstrate('--minutes', '1', '--seed', '8').stdout)).not.toBe(hashIn(first.stdout))
  })

  test('a wrong option ends with 2 and names it', () => {
    expect(demonstrate('--minuts', '1')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('--minuts'),
    })
  })

  test('a step that fails ends it with that step’s exit code, and says why', () => {
    expect(demonstrate('--strategy', 'sma-cros', '--minutes', '0.1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('sma-cross'),
    })
  })
})
