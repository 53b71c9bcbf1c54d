// Sets up what is missing in this checkout, and finds the Node that runs it.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'
import { checkCargo, checkDisk, checkLinker, checkNode, checkNpm, checkPlatform, checkWrite } from './needs.mjs'
import { SetUpError } from './progress.mjs'
import { native, packages, runtimeOf } from './steps.mjs'

const PARENT = 'SMARTSPEED_PARENT'

/** The repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Code is compiled once: `--version` takes 40 ms with this and 170 without, and tests start hundreds of processes. */
export const compiledOnce = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.setup/compiled') }

/**
 * Does what set-up work is left, none when all is there, and gives the path of a Node that is new enough.
 * Ends the process, having said why, when something is missing or fails.
 * @returns {Promise<string>}
 */
export async function setUp() {
  try {
    demand([checkPlatform(), checkNode()])
    const steps = [packages, native]
    if (steps.some((step) => !step.done(root))) {
      demand(needsOf(steps.filter((step) => !step.done(root))))
      const waiting = (/** @type {string} */ holder) =>
        console.error(`another set-up is working here (${holder}): waiting for it`)
      await withLock(join(root, '.setup/lock'), { waiting }, async () => {
        const left = steps.filter((step) => !step.done(root))
        for (const [at, step] of left.entries())
          await step.run(root, `setting up ${at + 1}/${left.length}: ${step.name}`)
      })
    }
    return /** @type {string} */ (runtimeOf(root))
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    console.error(`${error.message}${error.detail === '' ? '' : `\n\n${error.detail}`}`)
    process.exit(error.exitCode)
  }
}

/**
 * Runs a script of the repository and gives its exit code; passes signals on. The script holds the other end of a pipe
 * (`endWithParent` in bin/stop.ts), by which it learns that this process was killed without a word.
 * @param {string} node @param {string[]} args @returns {Promise<number>}
 */
export function runNode(node, args) {
  const env = { ...process.env, [PARENT]: String(process.pid), ...compiledOnce }
  const child = spawn(node, [...nodeFlags(node), ...args], { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env })
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
  process.on('SIGINT', pass).on('SIGTERM', pass).on('SIGHUP', pass)
  return new Promise((/** @type {(code: number) => void} */ resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  }).finally(() => process.off('SIGINT', pass).off('SIGTERM', pass).off('SIGHUP', pass))
}

/**
 * The first collections of a heap that only grows find nothing: they wait until it, with columns (bin/heap.ts), has this size. V8's own threads are as
 * many as there are cores beside the one that works, not four: on two cores four took turns with it for an eighth of its time. Flags that a Node
 * does not know end it, so only the one that was tried gets them. @param {string} node
 */
export function nodeFlags(node) {
  return isTried(node) ? ['--initial-old-space-size=256', '--v8-pool-size=0'] : []
}

/**
 * For one loop that takes minutes: more of what it calls becomes part of it, which costs a short one more than it gains. @param {string} node
 */
export function loopFlags(node) {
  const inlined = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=4000']
  return [...nodeFlags(node), ...(isTried(node) ? inlined : [])]
}

/** @param {string} node */
function isTried(node) {
  return node !== process.execPath || process.versions.node.split('.')[0] === '24'
}

/** Whether `runNode` started this very process: what it starts in turn inherits the environment, but not the pipe. */
export function startedByRunNode() {
  return process.env[PARENT] === String(process.ppid)
}

/** Only what the work that is left needs. @param {import('./steps.mjs').Step[]} steps */
function needsOf(steps) {
  const checks = [checkWrite('write access', root), checkDisk(root)]
  if (steps.includes(packages)) checks.push(checkNpm())
  if (steps.includes(native)) checks.push(checkCargo(root), checkLinker())
  return checks
}

/** Names every lack at once. @param {import('./needs.mjs').Check[]} checks */
function demand(checks) {
  const lacks = checks.filter((check) => !check.ok)
  if (lacks.length === 0) return
  const lines = lacks.map(({ name, detail, fix }) => `  ${name}: ${detail}\n    ${fix}`)
  throw new SetUpError(`this machine lacks what smartspeed needs:\n${lines.join('\n')}`, 'Then start again.')
}
