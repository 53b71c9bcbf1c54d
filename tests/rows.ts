// Any row that a topic can hold, for property tests.
import fc from 'fast-check'
import { absentI64, type Field } from '../schemas/columns.ts'
import { layouts, type RecordName, type Rows } from '../schemas/records.generated.ts'

/** Rows of that topic: every field at its edges too, optional ones now and then absent, texts in any script. */
export function anyRow<T extends RecordName>(record: T): fc.Arbitrary<Rows[T]> {
  return objectOf(layouts[record]) as unknown as fc.Arbitrary<Rows[T]>
}

function objectOf(fields: readonly Field[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, orAbsent(field)])))
}

/** An absent field is there as undefined, as rows come back from columns. */
function orAbsent(field: Field): fc.Arbitrary<unknown> {
  return field.optional ? fc.option(anyValue(field), { nil: undefined, freq: 3 }) : anyValue(field)
}

function anyValue(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'f64':
      return field.whole ? fc.oneof(fc.maxSafeInteger(), fc.integer()) : fc.oneof(doubles, prices)
    case 'i64':
      return fc.oneof(
        fc.bigInt({ min: absentI64 + 1n, max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -(2n ** 53n) - 2n, max: 2n ** 53n + 2n }),
        fc.bigInt({ min: -2n, max: 1n << 33n }),
      )
    case 'i32':
      return fc.integer()
    case 'bool':
      return field.omitFalse ? fc.constantFrom(true, undefined) : fc.boolean()
    case 'enum':
      return fc.constantFrom(...field.symbols!)
    case 'dict':
      return texts
    case 'text':
      return field.optional ? texts.filter((text) => text !== '') : texts
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 })
    case 'list': {
      const items = field.items!
      const plain = items.length === 1 && items[0]!.name === 'value'
      return fc.array(plain ? anyValue(items[0]!) : objectOf(items), { maxLength: 5 })
    }
  }
}

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
/** What prices and sizes look like: few decimals. */
const prices = fc
  .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, decimals]) => digits / 10 ** decimals)
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u007f', '\u2028', '币', '😀', 'a', '/'),
    maxLength: 60,
  }),
)
