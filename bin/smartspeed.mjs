#!/usr/bin/env node
// `smartspeed …`: sets up what is missing, then runs bin/main.ts on a Node that is new enough.

import { fileURLToPath } from 'node:url'
import { runNode, setUp } from './setup/index.mjs'

const node = process.env.SMARTSPEED_PARENT_FD === undefined ? await setUp() : process.execPath
if (node === process.execPath) {
  const { run } = await import('./main.ts')
  await run()
} else {
  process.exit(await runNode(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]))
}
