import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { testWith, withSmallDisk } from './data.ts'

testWith('tmpfs', 'a small disk is full when its bytes are written, and gone afterwards', async () => {
  const folder = await withSmallDisk(64 * 1024, async (folder) => {
    expect(statfsSync(folder).blocks * statfsSync(folder).bsize).toBe(64 * 1024)
    expect(() => writeFileSync(join(folder, 'big'), new Uint8Array(80 * 1024))).toThrow(/ENOSPC/)
    return folder
  })
  expect(() => statfsSync(folder)).toThrow(/ENOENT/)
})
