import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { topicsConformance } from '../../tests/conformance/topics.ts'
import { rounds } from '../../tests/data.ts'
import { openEmbedded } from './embedded.ts'
import { salvage } from './salvage.ts'
import { walkSegment } from './walk.ts'

topicsConformance(
  'embedded',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'smartspeed-log-'))
    return {
      options: { engine: 'embedded', dir },
      open: (options) => openEmbedded(dir, options),
      // Only a damaged log that was salvaged has holes.
      async punch(topics) {
        await topics.close()
        const path = join(dir, 'market/trades/000001.seg')
        const second = [...walkSegment(path)].filter(({ head }) => head.kind === 'rows')[1]!
        const bytes = readFileSync(path)
        bytes[second.position + 100]! ^= 1
        writeFileSync(path, bytes)
        expect((await salvage(dir)).topics['market.trades']).toMatchObject({ missing: second.head.rows })
        return openEmbedded(dir)
      },
      remove: async () => rmSync(dir, { recursive: true, force: true }),
    }
  },
  { share: rounds(1, 0.5) },
)
