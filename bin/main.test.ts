// The command line as a shell sees it: exit codes, streams, signals.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SmartspeedError } from '../schemas/errors.ts'
import { root } from '../tests/data.ts'
import { exitCodeOf } from './errors.ts'
import { createProgram } from './main.ts'
import { toJson } from './output.ts'

const main = join(root, 'bin/main.ts')

function smartspeed(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
}

describe('wrong usage ends with 2 before anything starts', () => {
  test('an unknown command is answered with the nearest one', () => {
    expect(smartspeed('doctr')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/doctr[\s\S]*doctor/),
    })
  })

  test('an unknown option is answered with the nearest one', () => {
    expect(smartspeed('doctor', '--jsn')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/--jsn[\s\S]*--json/),
    })
  })

  test('what a command lacks is answered with the help of that command', () => {
    const lacking = smartspeed('export', 'bars', '--exchange', 'binance', '--symbol', 'ETHBTC')
    expect(lacking).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--interval[\s\S]*smartspeed export bars --help/),
    })
  })

  test('no command at all shows what there is', () => {
    expect(smartspeed()).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('doctor') })
  })

  test('with --json the error is the one document on stdout', () => {
    const { status, stdout } = smartspeed('doctr', '--json')
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', message: expect.stringContaining('doctr') } })
  })
})

test('--version prints the version of package.json alone', () => {
  expect(smartspeed('--version')).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' })
})

test('the help of every command says what it does and shows an example', () => {
  for (const command of createProgram().commands) {
    let help = ''
    command.configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    command.outputHelp()
    expect(command.description(), command.name()).not.toBe('')
    // A group shows its commands; each of them has its own example.
    const shown = command.commands.length > 0 ? /Commands:/ : /Example[\s\S]*npx smartspeed/
    expect(help, command.name()).toMatch(shown)
  }
})

test('doctor prints one document: each check with a name, whether it holds, what was seen', () => {
  const { stdout } = smartspeed('doctor', '--json')
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] }
  expect(checks.map((check) => check.name)).toEqual(
    expect.arrayContaining(['node', 'npm', 'cargo', 'linker', 'disk', 'memory', 'write access', 'native', 'lmdb']),
  )
  for (const check of checks)
    expect(check).toMatchObject({ ok: expect.any(Boolean), detail: expect.stringMatching(/\S/) })
})

test('doctor refuses a log that another version of the format wrote', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-doctor-test-'))
  try {
    writeFileSync(join(dir, 'format'), 'smartspeed log 99\n')
    const { status, stdout } = smartspeed('doctor', '--json', '--dir', dir)
    expect(status).toBe(1)
    const failed = (JSON.parse(stdout) as { checks: { ok: boolean }[] }).checks.filter((check) => !check.ok)
    expect(failed).toEqual([expect.objectContaining({ name: 'log', detail: expect.stringContaining('log 99') })])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(process.execPath, [main, 'doctor', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  expect(await once(child, 'close')).toEqual([0, null])
  expect(stderr).toBe('')
})

describe('the exit code', () => {
  test.each([
    ['a wrong name', new SmartspeedError('UNKNOWN_NAME', 'x'), 2],
    ['a wrong config', new SmartspeedError('CONFIG_INVALID', 'x'), 2],
    ['no data', new SmartspeedError('NO_DATA', 'x'), 1],
    ['a person who stopped it', new SmartspeedError('INTERRUPTED', 'x'), 130],
    ['an abort that was not caught', new DOMException('x', 'AbortError'), 130],
    ['a bug', new TypeError('x'), 1],
  ])('of %s is its own', (_name, error, code) => {
    expect(exitCodeOf(error)).toBe(code)
  })
})

test('JSON holds no NaN, and money as decimal text', () => {
  expect(toJson({ sharpe: Number.NaN, cash: 12345678901234567890n })).toBe(
    '{"sharpe":null,"cash":"12345678901234567890"}',
  )
})
