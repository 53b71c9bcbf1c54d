import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../tests/scratch.ts'
import { findSeats } from './seats.ts'
import { findStrategy } from './strategy-file.ts'

/** A strategy that takes its size from a file beside it; the process reads a file once, so each has a folder of its own. */
function strategyIn(folder: string, size: string): string {
  const authoring = join(import.meta.dirname, '../operators/strategies/authoring.ts')
  mkdirSync(join(scratch(), folder, 'parts'), { recursive: true })
  writeFileSync(join(scratch(), folder, 'parts/size.ts'), `export * from './number.ts'\n`)
  writeFileSync(join(scratch(), folder, 'parts/number.ts'), `export const size = ${size} // from './nowhere.ts'\n`)
  const file = join(scratch(), folder, 'holder.ts')
  writeFileSync(
    file,
    `import { defineStrategy, z } from ${JSON.stringify(authoring)}
import { size } from './parts/size.ts'
export default defineStrategy({
  name: 'holder', summary: 'holds', parameters: z.strictObject({}), warmup: () => 0, needs: 'bars',
  create: (_, desk) => ({ bar: ({ instrument }) => desk.target(instrument, size, 'holds'), save: () => new Uint8Array(), load() {} }),
})
`,
  )
  return file
}

test('a strategy is known by its file and by those beside it that it imports, wherever they lie', async () => {
  const files = [strategyIn('a', '1'), strategyIn('b', '1'), strategyIn('c', '2')]
  const [a, b, c] = await Promise.all(files.map(findStrategy))
  expect(a!.fileHash).toBe(b!.fileHash)
  expect(a!.fileHash).not.toBe(c!.fileHash)
  expect(a!.codeHash).toBe(b!.codeHash)
  expect(a!.codeHash).not.toBe(c!.codeHash)
  const account = { name: 'main', cash: 1 }
  for (const [at, found] of [a, c].entries()) {
    const strategies = [{ name: files[2 * at]!, params: {}, account }]
    expect((await findSeats({ strategies })).codeHash).toBe(found!.codeHash)
  }
})
