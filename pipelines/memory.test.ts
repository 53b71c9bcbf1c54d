import { expect, test } from 'vitest'
import { MemoryWatch } from './memory.ts'

test('the peak of anonymous memory stays when the memory is given back, and files are counted beside it', () => {
  const watch = new MemoryWatch()
  watch.look()
  const before = watch.peakMb
  let held: Buffer | undefined = Buffer.alloc(64 << 20, 1)
  watch.look()
  expect(watch.peakMb - before).toBeGreaterThan(40)
  const peak = watch.peakMb
  expect(held[held.length - 1]).toBe(1)
  held = undefined
  watch.look()
  expect(watch.peakMb).toBeGreaterThanOrEqual(peak)
  // The program itself is a file of tens of MB.
  if (process.platform === 'linux') expect(watch.mappedMb).toBeGreaterThan(10)
})
