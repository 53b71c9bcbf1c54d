// `npm run bench`: sets up what is missing, then measures. `npm run bench -- --help` says what can be chosen.

import { join } from 'node:path'
import { root, runNode, setUp } from './setup/index.mjs'

process.exit(await runNode(await setUp(), [join(root, 'bench/run.ts'), ...process.argv.slice(2)]))
