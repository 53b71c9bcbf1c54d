// `npm test`: sets up what is missing, then every suite but those that take minutes, and the true totals. `npm test -- NAME` runs the
// files of that name, however long they take.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { compiledOnce, root, setUp } from './setup/index.mjs'
import { cargoCommand, checkCargo } from './setup/needs.mjs'
import { cargoTotals, sum, totalsLine, vitestTotals } from './setup/totals.mjs'

const node = await setUp()
const filters = process.argv.slice(2)
const results = [await typescript()]
if (filters.length === 0) results.push(await rust())
const totals = sum(results)
for (const reason of totals.reasons) console.log(`skipped: ${reason}`)
console.log(totalsLine(totals))
process.exit(totals.failed > 0 ? 1 : 0)

async function typescript() {
  const report = join(root, `.setup/vitest-${process.pid}.json`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { code } = await run(node, [vitest, 'run', ...reporters, ...filters], root)
  const seen = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
  rmSync(report, { force: true })
  return vitestTotals(seen, code)
}

async function rust() {
  const { ok, detail, fix } = checkCargo(root)
  if (!ok) {
    console.error(`cargo test: cargo ${detail}\n  ${fix}`)
    return cargoTotals('', 1)
  }
  const { code, output } = await run(
    cargoCommand(),
    ['test', '--locked', '--package', 'smartspeed-core'],
    join(root, 'native'),
  )
  return cargoTotals(output, code)
}

/** Shows what a runner prints while it prints it. @param {string} program @param {string[]} args @param {string} cwd */
function run(program, args, cwd) {
  const env = {
    ...process.env,
    ...compiledOnce,
    CARGO_TARGET_DIR: join(root, 'native/target'),
    CARGO_TERM_COLOR: 'never',
  }
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = () => {
    child.kill('SIGINT')
    child.once('exit', () => process.exit(130))
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
    process.stdout.write(chunk)
  })
  return new Promise((/** @type {(result: { code: number, output: string }) => void} */ resolve) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`)
      resolve({ code: 1, output })
    })
    child.on('close', (code) => {
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
      resolve({ code: code ?? 1, output })
    })
  })
}
