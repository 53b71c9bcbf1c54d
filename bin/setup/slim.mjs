// Runs after `npm ci`. The package `node` leaves headers and a second name of its binary behind: 68 MB that nothing reads.

import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

rmSync(fileURLToPath(new URL('../../node_modules/node/node_modules', import.meta.url)), {
  recursive: true,
  force: true,
})
