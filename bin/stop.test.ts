import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { root } from '../tests/data.ts'

/** A program that needs `ms` for its clean stop and says what it does. */
function stoppable(ms: number) {
  const script = `
    import { stopSignal } from ${JSON.stringify(pathToFileURL(join(root, 'bin/stop.ts')))}
    const stop = stopSignal()
    const working = setInterval(() => {}, 1000)
    stop.addEventListener('abort', () => setTimeout(() => { console.log('clean'); process.exit(7) }, ${ms}))
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  return { child, ready: once(child.stdout, 'data'), ended: once(child, 'close').then(([code]) => ({ code, said })) }
}

test('one Ctrl-C asks for a clean stop, however many processes pass it on', async () => {
  const { child, ready, ended } = stoppable(200)
  await ready
  child.kill('SIGINT')
  child.kill('SIGINT')
  await sleep(50)
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: 7, said: 'ready\nclean\n' })
})

test('a second Ctrl-C quits at once with 130', async () => {
  const { child, ready, ended } = stoppable(20_000)
  await ready
  // Two signals may reach a process as one that had no time to take the first.
  for (let tries = 0; child.exitCode === null && tries < 20; tries++) {
    child.kill('SIGINT')
    await sleep(400)
  }
  expect(await ended).toEqual({ code: 130, said: 'ready\n' })
})
