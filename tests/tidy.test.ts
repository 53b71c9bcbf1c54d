// Style that checks itself. A rule is added when it has cost us something; what is refused says what to do instead.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alone } from './alone.ts'
import { root } from './data.ts'

/** What a folder may import besides itself (DESIGN §3). Tests and `bench/` may import all. */
const mayImport: Record<string, readonly string[]> = {
  schemas: [],
  native: ['schemas'],
  topics: ['schemas', 'native'],
  connectors: ['schemas', 'native'],
  operators: ['schemas', 'native'],
  pipelines: ['schemas', 'native', 'topics', 'connectors', 'operators'],
  console: ['schemas', 'native', 'topics', 'connectors', 'operators', 'pipelines'],
  deploy: ['schemas', 'native', 'topics', 'connectors', 'operators', 'pipelines'],
  bin: ['schemas', 'native', 'topics', 'connectors', 'operators', 'pipelines', 'console', 'deploy'],
}

const banned: readonly (readonly [call: RegExp, folders: RegExp, instead: string])[] = [
  [
    /Date\.now|new Date\(\)|performance\.now|hrtime|Math\.random|randomUUID|randomBytes/,
    /^(operators|schemas|pipelines)\//,
    'take time, seed and id from the batch or from a Clock that is handed in',
  ],
  [
    /Math\.(exp|expm1|log\w*|pow|sin|cos|tan|a?sinh?|a?cosh?|a?tanh?|atan2|cbrt|hypot)\b|(?<!(?<![\w.])2 |\dn )\*\*/,
    /^(operators|schemas|pipelines)\//,
    'native/index.ts: V8 rounds these differently on other machines, and hashes change',
  ],
  [
    /\b(mergeMap|Promise\.(race|any))\b/,
    /^(operators|pipelines)\//,
    'concatMap: the fastest reply must not choose the order',
  ],
  [
    /from 'node:(fs|net|http|https|child_process|worker_threads)|process\.env/,
    /^operators\//,
    'an operator has no I/O: move it, or hand the value in',
  ],
  [/\b(test|it|describe)\.(only|todo)\(/, /./, 'run one file with: npm test -- NAME'],
  [/@ts-(ignore|nocheck|expect-error)/, /./, 'a type that says what it is'],
]

/** Files that are longer than 400 lines. It may only shrink: what is the second idea in each? */
const longFiles: readonly string[] = []

/** Files that a person or a tool starts, rather than another file. */
const entrances =
  /^(bin\/(\w+|setup\/slim)\.mjs|bench\/[\w-]+\.ts|vitest\.config\.ts|schemas\/generate\.ts|.*\.test\.ts|tests\/.*)$/

const sources = new Map(list('').map((path) => [path, readFileSync(join(root, path), 'utf8')]))
const own = [...sources].filter(([path]) => path !== 'tests/tidy.test.ts')

test('folders import in one direction', () => {
  expect(own.flatMap(([path, text]) => wrongImports(path, text))).toEqual([])
})

test('nothing calls what makes a second run differ', () => {
  expect(own.flatMap(([path, text]) => bannedCalls(path, text))).toEqual([])
})

test('every file is imported by another, or is started by a person', () => {
  const imported = new Set([...sources].flatMap(([path, text]) => importsOf(path, text)))
  const named = [...sources.keys()].filter((path) => !imported.has(path) && !entrances.test(path))
  // Programs that a file starts by path are named in it.
  expect(
    named.filter((path) => !own.some(([other, text]) => other !== path && text.includes(path.split('/').pop()!))),
  ).toEqual([])
})

test('no folder is a heap of things that found no name', () => {
  const heap = /(^|\/)(utils?|common|helpers?|misc|shared|lib)(\/|\.ts$)/
  expect([...sources.keys()].filter((path) => heap.test(path))).toEqual([])
})

test('files stay short, and the list of long ones only shrinks', () => {
  const long = own.filter(([path, text]) => !path.includes('.generated.') && text.split('\n').length > 400)
  expect(long.map(([path]) => path).sort()).toEqual([...longFiles].sort())
})

test('every test file asserts something', () => {
  const asserts = /\bexpect\b|\bassert\b|fc\.assert|[cC]onformance\(/
  expect(own.filter(([path, text]) => path.endsWith('.test.ts') && !asserts.test(text)).map(([path]) => path)).toEqual(
    [],
  )
})

test('what changes its process has one of its own, and helpers leave hooks to the file that uses them', () => {
  const changes =
    /\bprocess\.(chdir|on|once)\(|\bprocess\.env(\.\w+|\[\w+\]) = |delete process\.env|assign\(process\.env|\bvi\.(stub|mock|doMock|resetModules|useFake)|\bnew MemoryWatch\(/
  const changing = own.filter(([path, text]) => path.endsWith('.test.ts') && changes.test(text)).map(([path]) => path)
  expect(changing.sort()).toEqual([...alone].sort())
  // Such a module is evaluated once a process: its hook would see the first file alone.
  const hooked = /^(beforeAll|afterAll|beforeEach|afterEach)\(/m
  const setup = 'tests/seed.ts'
  expect(
    own
      .filter(([path, text]) => !/\.test\.ts$/.test(path) && path !== setup && hooked.test(text))
      .map(([path]) => path),
  ).toEqual([])
})

test('every package is used', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // These are tools: they are run, or known to the compiler, rather than imported.
  const tools = ['@biomejs/biome', '@types/node', 'node', 'typescript']
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !tools.includes(name))
  const isUsed = (name: string) => own.some(([, text]) => text.includes(`'${name}'`) || text.includes(`'${name}/`))
  expect(names.filter((name) => !isUsed(name))).toEqual([])
})

describe('the rules themselves', () => {
  test('an operator that imports a topic is refused, a test may', () => {
    const text = "import { open } from '../topics/topics.ts'"
    expect(wrongImports('operators/x.ts', text)).toEqual(['operators/x.ts imports topics/topics.ts'])
    expect(wrongImports('operators/x.test.ts', text)).toEqual([])
  })

  test('B6: a planted clock read and a planted Math.exp are refused, a comment about them is not', () => {
    expect(bannedCalls('operators/x.ts', 'const t = Date.now()')).toHaveLength(1)
    expect(bannedCalls('operators/x.ts', 'const y = Math.exp(x) + x ** 2')).toHaveLength(1)
    expect(bannedCalls('operators/x.ts', '// never Date.now()\nconst e8 = 10n ** 8n * BigInt(2 ** 53)')).toEqual([])
    expect(bannedCalls('bin/x.ts', 'const t = Date.now()')).toEqual([])
    expect(bannedCalls('operators/x.test.ts', '// @ts-ignore\nDate.now()')).toEqual([
      'operators/x.test.ts: @ts-ignore → a type that says what it is',
    ])
  })
})

function wrongImports(path: string, text: string): string[] {
  const folder = path.split('/')[0]!
  const allowed = mayImport[folder]
  if (allowed === undefined || path.endsWith('.test.ts')) return []
  const wrong = (target: string) =>
    target.includes('/') && !target.startsWith(`${folder}/`) && !allowed.includes(target.split('/')[0]!)
  return importsOf(path, text)
    .filter(wrong)
    .map((target) => `${path} imports ${target}`)
}

/** Rules of some folders look at the code of these; rules for all hold in tests and comments too. */
function bannedCalls(path: string, text: string): string[] {
  const code = path.endsWith('.test.ts') ? '' : withoutComments(text)
  return banned
    .filter(([, folders]) => folders.test(path))
    .map(([call, folders, instead]) => [call.exec(folders.source === '.' ? text : code)?.[0], instead] as const)
    .filter(([found]) => found !== undefined)
    .map(([found, instead]) => `${path}: ${found} → ${instead}`)
}

/** Paths of the repository that a file imports, statically or when it needs them. */
function importsOf(path: string, text: string): string[] {
  const targets = withoutComments(text).matchAll(
    /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+)', import/g,
  )
  return [...targets]
    .map(([, imported, located]) => normalize(join(dirname(path), imported ?? located!)))
    .filter((target) => /\.(ts|mjs)$/.test(target))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** Every TypeScript and JavaScript file of the repository, by path from its root. */
function list(folder: string): string[] {
  const skip = /^(node_modules|target|coverage)$|^\./
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !skip.test(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return list(path)
      return /\.(ts|mts|mjs)$/.test(entry.name) ? [path] : []
    })
}
