// The examples of --help work as they are written.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { command } from '../tests/commands.ts'
import { dataDir, root, testWith } from '../tests/data.ts'
import { createProgram } from './main.ts'

const main = join(root, 'bin/main.ts')
/** Commands run in a folder beside `shared`, as in a repository. */
const folder = mkdtempSync(join(tmpdir(), 'smartspeed-examples-'))
const env = { ...process.env, SMARTSPEED_DIR: '.smartspeed', NODE_OPTIONS: '--no-warnings' }

const before = process.cwd()
beforeAll(() => symlinkSync(join(dataDir, '..'), join(folder, 'shared')))
afterAll(() => {
  process.chdir(before)
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe('the examples of --help', () => {
  /** Every command that does something, with its words and what its help shows. */
  function leaves(command: Command, words: readonly string[] = []): { words: string; example: string | undefined }[] {
    const own = command.commands.flatMap((child) => leaves(child, [...words, child.name()]))
    if (words.length === 0) return own
    let help = ''
    command.configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    command.outputHelp()
    const example = /Example[^\n]*\n\s+(.*)/.exec(help)?.[1]
    // A group may do something by itself, and then says how.
    if (command.commands.length > 0 && example === undefined) return own
    return [{ words: words.join(' '), example }, ...own]
  }
  const examples = leaves(createProgram())
  /** What others need comes first, and what takes away comes last. */
  const first = ['simulate market', 'import', 'load bars', 'backtest']
  const last = ['salvage', 'gc', 'runs rm']
  const rank = (words: string) => (first.indexOf(words) + 1 || 99) + (last.indexOf(words) + 1)
  const ordered = examples.toSorted((a, b) => rank(a.words) - rank(b.words))

  test('are there for every command', () => {
    expect(examples.filter(({ example }) => example === undefined)).toEqual([])
    expect(examples.length).toBeGreaterThan(15)
  })

  testWith(
    ['data', 'time'],
    'work as written, and with --json print one document',
    async () => {
      const fresh = join(folder, 'fresh')
      const bin = join(folder, 'bin')
      mkdirSync(fresh)
      mkdirSync(bin)
      process.chdir(fresh)
      vi.stubEnv('SMARTSPEED_DIR', env.SMARTSPEED_DIR)
      writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 })
      const isDocument = (words: string, text: string) =>
        expect(() => JSON.parse(text), `${words} --json: ${text.slice(0, 200)}`).not.toThrow()
      const shell = (line: string) => {
        const PATH = `${bin}${delimiter}${process.env.PATH}`
        return spawnSync('sh', ['-c', line], {
          cwd: fresh,
          env: { ...env, PATH },
          encoding: 'utf8',
          maxBuffer: 2 ** 28,
        })
      }
      for (const { words, example } of ordered) {
        // These start servers and processes that stay, or need a broker: see commands/services.test.ts, deploy.test.ts, docs/kafka.test.ts.
        if (words.startsWith('services ') || words.startsWith('deploy ') || words === 'topics create') continue
        const written = shell(example!)
        expect(written.status, `${example}: ${written.stderr}`).toBe(0)
        if (example!.includes('--json')) {
          isDocument(words, written.stdout)
          continue
        }
        // A run is there to be deleted once; the simulation takes its ten minutes' worth again.
        if (words === 'runs rm' || words === 'simulate market') continue
        // A folder is made once.
        if (words === 'incident') rmSync(join(fresh, 'incident'), { recursive: true })
        // Twice: the second backtest is the run that others are compared with. In this process where no shell is needed: it is up.
        const alone = /^npx smartspeed ([^'"|]*)$/.exec(example!)
        if (alone === null) isDocument(words, shell(`${example} --json`).stdout)
        else {
          const { code, out, err } = await command([...alone[1]!.split(' '), '--json'])
          expect(code, `${example} --json: ${err}`).toBe(0)
          isDocument(words, out)
        }
      }
      expect(readFileSync(join(fresh, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i)
    },
    600_000,
  )
})
