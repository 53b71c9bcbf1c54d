import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topicsConformance } from '../../tests/conformance/topics.ts'
import { openEmbedded } from './embedded.ts'

topicsConformance('embedded', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smartspeed-log-'))
  return {
    options: { engine: 'embedded', dir },
    open: (options) => openEmbedded(dir, options),
    remove: async () => rmSync(dir, { recursive: true, force: true }),
  }
})
