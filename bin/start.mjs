// `npm start`: sets up what is missing, then shows the whole length of the product on a simulated market.

import { join } from 'node:path'
import { root, runNode, setUp } from './setup/index.mjs'

const node = await setUp()
process.exit(await runNode(node, [join(root, 'bin/demo.ts'), ...process.argv.slice(2)]))
