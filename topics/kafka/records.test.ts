import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from '../../native/index.ts'
import { type Aborted, decodeBatches, encodeBatch, spansOfBatches } from './records.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one))
const record = fc.record({ key: bytes, value: fc.option(bytes) })
const none = (): Buffer => {
  throw new Error('nothing is compressed here')
}
const head = { timestamp: 1_700_000_000_000, producerId: 7n, epoch: 3, sequence: 11, transactional: true }

/** As the broker stores it: with its offset. */
function stored(batch: Buffer, offset: number): Buffer {
  const copy = Buffer.from(batch)
  copy.writeBigInt64BE(BigInt(offset), 0)
  return copy
}

/** The batch that ends a transaction: attributes transactional and control. */
function marker(offset: number, producerId: bigint): Buffer {
  const batch = stored(
    encodeBatch([{ key: Buffer.from([0, 0, 0, 0]), value: Buffer.alloc(6) }], { ...head, producerId }),
    offset,
  )
  batch.writeInt16BE((1 << 4) | (1 << 5), 21)
  return batch
}

test('records come back as they were written, from any offset on', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 200 }),
      fc.nat(1000),
      fc.nat(250),
      (records, base, skip) => {
        const batch = stored(encodeBatch(records, head), base)
        expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)))
        expect(batch.readInt32BE(8)).toBe(batch.length - 12)
        const { records: read, next } = decodeBatches(batch, base + skip, [], none)
        expect(next).toBe(Math.max(base + records.length, base + skip))
        expect(read).toEqual(
          records.slice(skip).map((one, i) => ({ ...one, offset: base + skip + i, timestamp: head.timestamp })),
        )
      },
    ),
    { seed: 5 },
  )
})

test('markers and aborted records are left out, and what the same producer wrote later is not', () => {
  const one = (text: string) => encodeBatch([{ key: Buffer.alloc(0), value: Buffer.from(text) }], head)
  const other = encodeBatch([{ key: Buffer.alloc(0), value: Buffer.from('other') }], { ...head, producerId: 8n })
  const log = Buffer.concat([
    ...[stored(one('aborted'), 0), stored(other, 1), stored(one('aborted too'), 2), marker(3, 7n)],
    ...[stored(one('kept'), 4), marker(5, 7n), marker(6, 8n)],
  ])
  const { records, next } = decodeBatches(log, 0, [{ producerId: 7n, firstOffset: 0n }], none)
  expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([
    [1, 'other'],
    [4, 'kept'],
  ])
  expect(next).toBe(7)
})

test('the places of values are those of the records, in compressed batches too', () => {
  const inflate = (_kind: number, packed: Buffer) => Buffer.from(packed.map((byte) => byte ^ 1))
  const batches = fc.array(
    fc.record({ records: fc.array(record, { minLength: 1, maxLength: 20 }), packed: fc.boolean(), id: fc.nat(2) }),
  )
  fc.assert(
    fc.property(batches, fc.nat(60), (batches, from) => {
      let at = 0
      const log = batches.map(({ records, packed, id }) => {
        const batch = stored(encodeBatch(records, { ...head, producerId: BigInt(id) }), at)
        at += records.length
        if (!packed) return batch
        batch.writeInt16BE((1 << 4) | 2, 21)
        return Buffer.concat([batch.subarray(0, 61), inflate(2, batch.subarray(61))])
      })
      const aborted: Aborted[] = [{ producerId: 2n, firstOffset: 0n }]
      const { records, next } = decodeBatches(Buffer.concat(log), from, aborted, inflate)
      const { spans, next: same } = spansOfBatches(Buffer.concat(log), from, aborted, inflate)
      expect(same).toBe(next)
      expect(spans.count).toBe(records.length)
      for (const [i, { offset, value }] of records.entries()) {
        const [start, end] = [spans.starts[i]!, spans.ends[i]!]
        expect(spans.offsets[i]).toBe(offset)
        expect(start < 0 ? null : Buffer.from(spans.bytes.subarray(start, end))).toEqual(value)
      }
    }),
  )
})

test('a batch that is cut off is left for the next fetch', () => {
  const batch = stored(encodeBatch([{ key: Buffer.from('k'), value: Buffer.from('v') }], head), 40)
  const whole = stored(batch, 41)
  for (const cut of [0, 10, 60, batch.length - 1]) {
    const { records, next } = decodeBatches(Buffer.concat([batch, whole.subarray(0, cut)]), 40, [], none)
    expect([records.length, next]).toEqual([1, 41])
  }
})
