#!/usr/bin/env node
// `smartspeed …`: sets up what is missing, then runs bin/main.ts on a Node that is new enough.

import { fileURLToPath } from 'node:url'
import { runNode, setUp, startedByRunNode } from './setup/index.mjs'

if (startedByRunNode()) {
  const { run } = await import('./main.ts')
  await run()
} else {
  process.exit(await runNode(await setUp(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)]))
}
