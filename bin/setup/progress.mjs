// A command of the set-up with its progress: a line that counts on a terminal, a line now and then elsewhere.

import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'

/** Another line each so many seconds where stderr is no terminal. */
const QUIET_SECONDS = 10

/**
 * Runs a command, its output kept in `log`, and says how far it is.
 * @param {{ title: string, command: string[], cwd: string, log: string, env?: NodeJS.ProcessEnv,
 *   total: number, done(): number, onStdout?(text: string): void }} job `done` of `total`, asked twice a second
 * @returns {Promise<void>}
 * @throws {SetUpError} when it fails, with the end of its output
 */
export async function runWithProgress({ title, command, cwd, log, env, total, done, onStdout }) {
  const started = Date.now()
  const elapsed = () => (Date.now() - started) / 1000
  const live = process.stderr.isTTY === true
  let quietUntil = QUIET_SECONDS
  let seen = { done: 0, at: 0 }
  process.stderr.write(live ? `${title} …` : `${title} …\n`)
  const showing = setInterval(() => {
    if (!live && elapsed() < quietUntil) return
    quietUntil += QUIET_SECONDS
    const now = Math.min(done(), total)
    if (now !== seen.done) seen = { done: now, at: elapsed() }
    const line = `${title} … ${progressText(seen, total, elapsed())}`
    process.stderr.write(live ? `\r\x1b[K${line}` : `${line}\n`)
  }, 500)

  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const file = createWriteStream(log)
  child.stderr.pipe(file, { end: false })
  child.stdout.on('data', (chunk) => (onStdout === undefined ? file.write(chunk) : onStdout(String(chunk))))
  let stopped = false
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    stopped = true
    child.kill(signal)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    const { code, signal } = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
    await new Promise((resolve) => file.end(resolve))
    if (stopped) throw new SetUpError('stopped', '', 130)
    if (code !== 0) {
      const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-25).join('\n')
      throw new SetUpError(
        `${command.join(' ')} failed (exit ${code ?? signal})`,
        `${last}\n\nall of its output: ${log}`,
      )
    }
  } finally {
    clearInterval(showing)
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
    if (live) process.stderr.write('\r\x1b[K')
  }
  process.stderr.write(`${title}: ${elapsed().toFixed(1)} s\n`)
}

/** A set-up that cannot go on: what happened, what the tool said, the exit code. */
export class SetUpError extends Error {
  /** @param {string} message @param {string} detail @param {number} [exitCode] */
  constructor(message, detail, exitCode = 1) {
    super(message)
    this.detail = detail
    this.exitCode = exitCode
  }
}

/**
 * What is left is only guessed while things move: the last packages run scripts of their own.
 * @param {{ done: number, at: number }} seen how many, and when the last was counted @param {number} total @param {number} seconds
 */
function progressText({ done, at }, total, seconds) {
  const counted = `${seconds.toFixed(0)} s, ${done} of ${total}`
  if (done === 0 || done === total || seconds - at > 2) return counted
  return `${counted}, ${(done / seconds).toFixed(1)}/s, about ${Math.ceil((seconds * (total - done)) / done)} s left`
}
