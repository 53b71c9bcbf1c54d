import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { perpetual } from '../operators/portfolio/samples.ts'
import { random } from '../operators/random.ts'
import { codeHash } from '../pipelines/code-hash.ts'
import { batchOf } from '../schemas/batch.ts'
import { openTopics } from '../topics/index.ts'

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(import.meta.dirname, 'add-a-strategy.md'), 'utf8')
const block = (language: string, number = 1) => text.split(`\`\`\`${language}\n`)[number]!.split('```')[0]!
const market = { exchange: 'binance-usdm', symbol: 'SOLUSDT' }
const minuteUs = 60_000_000
const start = 1_704_067_200_000_000
let folder: string

/** A walk of closes on ticks of 0.01; each bar opens at the close before it. */
const closes = (() => {
  const { below } = random('add-a-strategy')
  let ticks = 10_000
  return Array.from({ length: 400 }, () => {
    ticks += below(41) - 20
    return ticks / 100
  })
})()
const candles = closes.map((close, i) => {
  const open = closes[i - 1] ?? 100
  const openTime = start + i * minuteUs
  const [high, low] = [Math.max(open, close), Math.min(open, close)]
  const time = openTime + minuteUs
  return { ...market, time, received: time, openTime, interval: '1m', open, high, low, close, volume: 1000 }
})

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'add-a-strategy-'))
  writeFileSync(join(folder, 'breakout.ts'), block('ts'))
  writeFileSync(join(folder, 'dip.ts'), block('ts', 2))
  const topics = await openTopics({ engine: 'embedded', dir: join(folder, 'log') })
  const writer = await topics.writer({ run: 'candles', market: true })
  const instrument = perpetual({ ...market, tickSize: 0.01, lotSize: 0.1, time: start, received: start })
  await writer.commit({ outputs: [batchOf('instruments', [instrument]), batchOf('candles', candles)] })
  await writer.close()
  await topics.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command of the document, with `more` behind it; its JSON. */
function backtest(...more: string[]) {
  return run(block('sh').trim(), ...more)
}

function run(line: string, ...more: string[]) {
  const [, , ...command] = line.split(' ')
  const all = [join(root, 'bin/main.ts'), ...command, ...more, '--dir', join(folder, 'log'), '--json']
  return JSON.parse(execFileSync(process.execPath, all, { cwd: folder, encoding: 'utf8' }))
}

/** Fills and equity of a rule that says at each close which position it wants: filled at the next open, fee 0.04 %. */
function byHand(wanted: (i: number) => number) {
  let [held, cash, fills, next] = [0, 1_000_000, 0, 0]
  for (const [i, { open }] of candles.entries()) {
    if (next !== held) {
      cash -= (next - held) * open + Math.abs(next - held) * open * 0.0004
      held = next
      fills++
    }
    next = wanted(i)
  }
  return { fills, equity: cash + held * closes.at(-1)! }
}

/** The first strategy, as the document says it in words. */
function breakout(bars: number, size: number) {
  let wanted = 0
  return byHand((i) => {
    if (i < bars) return 0
    const range = candles.slice(i - bars, i)
    if (closes[i]! > Math.max(...range.map(({ high }) => high))) wanted = size
    if (closes[i]! < Math.min(...range.map(({ low }) => low))) wanted = 0
    return wanted
  })
}

/** The second one; RSI of 14 by Wilder, and bars of 15 minutes on the clock's quarters. The walk knows no crash. */
function dip(size: number) {
  let [up, down, wanted] = [0, 0, 0]
  return byHand((i) => {
    const change = i === 0 ? 0 : closes[i]! - closes[i - 1]!
    const weight = Math.min(i, 14)
    if (i > 0) {
      up += (Math.max(change, 0) - up) / weight
      down += (Math.max(-change, 0) - down) / weight
    }
    const rsi = i < 14 ? Number.NaN : (100 * up) / (up + down)
    const end = Math.floor((i + 1) / 15) * 15
    if (rsi > 60) wanted = 0
    else if (rsi < 40 && end > 0 && closes[end - 1]! > candles[end - 15]!.open) wanted = size
    return wanted
  })
}

test('the strategy of docs/add-a-strategy.md runs from another folder, and does what it says', () => {
  const expected = breakout(5, 0.5)
  const result = backtest()
  expect(expected.fills).toBeGreaterThan(10)
  expect(result.fills).toBe(expected.fills)
  expect(result.finalEquity).toBeCloseTo(expected.equity, 6)
})

test('the one with a feature, a regime and longer bars does what it says too', () => {
  const expected = dip(0.5)
  const line = block('sh').trim().replace('./breakout.ts --set bars=5', './dip.ts')
  const result = run(line)
  expect(expected.fills).toBeGreaterThan(4)
  expect(result.fills).toBe(expected.fills)
  expect(result.finalEquity).toBeCloseTo(expected.equity, 6)
})

test('a strategy is shorter than 50 lines', () => {
  for (const number of [1, 2]) expect(block('ts', number).trim().split('\n').length).toBeLessThan(50)
})

describe('types in a folder anywhere', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  /** What the compiler says of a folder with these strategies, and the document's tsconfig.json. */
  function check(files: Readonly<Record<string, string>>): string {
    const own = mkdtempSync(join(folder, 'types-'))
    const clone = relative(own, root)
    writeFileSync(join(own, 'tsconfig.json'), block('json').replace('../smartspeed', clone))
    for (const [name, code] of Object.entries(files)) writeFileSync(join(own, name), code)
    return spawnSync(process.execPath, [tsc, '-p', own], { encoding: 'utf8' }).stdout
  }

  test('both strategies of the document pass the compiler', () => {
    expect(check({ 'breakout.ts': block('ts'), 'dip.ts': block('ts', 2) })).toBe('')
  })

  test('a wrong name of a method, a feature, a horizon or a parameter is told, with the right one', () => {
    const code = block('ts', 2)
    const wrong = {
      'method.ts': code.replace('desk.target(', 'desk.traget('),
      'feature.ts': code.replace("'rsi'", "'rsl'"),
      'horizon.ts': code.replace("'risk'", "'1year'"),
      'parameter.ts': code.replace('create({ size,', 'create({ sise,'),
    }
    const said = check(wrong)
    expect(said).toMatch(/method\.ts\(24,.*Did you mean 'target'\?/)
    expect(said).toMatch(/feature\.ts\(21,.*'"rsl"'/)
    expect(said).toMatch(/horizon\.ts\(23,.*'"1year"'/)
    expect(said).toMatch(/parameter\.ts\(18,.*'sise'/)
    expect(said).not.toContain('operators/')
  })

  test('an editor completes what a desk can do and the names of features', async () => {
    const own = mkdtempSync(join(folder, 'editor-'))
    writeFileSync(join(own, 'tsconfig.json'), block('json').replace('../smartspeed', relative(own, root)))
    const code = block('ts', 2).replace("desk.feature(instrument, 'rsi')", "desk.feature(instrument, '')")
    const file = join(own, 'dip.ts')
    writeFileSync(file, code)
    const place = (what: string) => {
      const before = code.slice(0, code.indexOf(what) + what.length).split('\n')
      return { line: before.length - 1, character: before.at(-1)!.length }
    }
    const [methods, names] = await completions(tsc, { own, file, code }, [
      place('desk.'),
      place("feature(instrument, '"),
    ])
    expect(methods).toEqual(
      expect.arrayContaining(['target', 'order', 'cancel', 'feature', 'regime', 'lastBar', 'busy']),
    )
    expect(names).toEqual(expect.arrayContaining(['rsi', 'volume_ratio', 'imbalance']))
  })
})

/** What the language server of the compiler, which editors talk to, offers at each place of a file. */
function completions(
  tsc: string,
  { own, file, code }: { own: string; file: string; code: string },
  places: readonly { line: number; character: number }[],
): Promise<string[][]> {
  const server = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { cwd: own, stdio: ['pipe', 'pipe', 'ignore'] })
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const uri = pathToFileURL(file).href
  const offered: string[][] = []
  return new Promise<string[][]>((resolve, reject) => {
    let waiting = Buffer.alloc(0)
    server.on('error', reject)
    server.on('exit', () => reject(new Error('the language server ended')))
    const heard = ({ id, method, result }: Answer) => {
      // It asks us too; it waits for an answer.
      if (method !== undefined && id !== undefined) send({ id, result: null })
      else if (id === 0) {
        send({ method: 'initialized', params: {} })
        send({
          method: 'textDocument/didOpen',
          params: { textDocument: { uri, languageId: 'typescript', version: 1, text: code } },
        })
        for (const [i, position] of places.entries())
          send({ id: i + 1, method: 'textDocument/completion', params: { textDocument: { uri }, position } })
      } else if (id !== undefined) {
        offered[id - 1] = (Array.isArray(result) ? result : (result?.items ?? [])).map(({ label }) => label)
        if (offered.filter(Boolean).length === places.length) resolve(offered)
      }
    }
    server.stdout.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes])
      for (;;) {
        const head = waiting.indexOf('\r\n\r\n')
        const length = Number(/Content-Length: (\d+)/.exec(waiting.toString('latin1', 0, Math.max(head, 0)))?.[1])
        if (head < 0 || waiting.length < head + 4 + length) return
        const text = waiting.toString('utf8', head + 4, head + 4 + length)
        waiting = waiting.subarray(head + 4 + length)
        heard(JSON.parse(text) as Answer)
      }
    })
    send({
      id: 0,
      method: 'initialize',
      params: { processId: null, rootUri: pathToFileURL(own).href, capabilities: {} },
    })
  }).finally(() => server.kill())
}

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly result?: { readonly items?: readonly { label: string }[] } & readonly { label: string }[]
}

test('its bytes enter the code hash', () => {
  const file = join(folder, 'breakout.ts')
  const before = codeHash([file])
  writeFileSync(file, `${block('ts')}// another letter\n`)
  expect(codeHash([file])).not.toBe(before)
  expect(codeHash()).not.toBe(before)
})

test('a file that is no strategy, or cannot be loaded, is refused with the way to mend it', () => {
  writeFileSync(join(folder, 'breakout.ts'), 'export const answer = 42\n')
  expect(() => backtest()).toThrow('exports no strategy')
  writeFileSync(join(folder, 'breakout.ts'), "import 'no-such-package'\n")
  expect(() => backtest()).toThrow('cannot be loaded')
})
