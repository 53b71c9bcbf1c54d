// Rows as CSV (RFC 4180): a header, absent fields empty, lists as JSON text.
import { rowAt } from '../../schemas/batch.ts'
import { words } from '../../schemas/byte-text.ts'
import { toJson } from '../../schemas/json.ts'
import { layouts, type RecordName } from '../../schemas/records.generated.ts'
import type { RowSink } from './index.ts'
import type { Target } from './target.ts'

export function csv(record: RecordName, target: Target): RowSink {
  const names = layouts[record].map(({ name }) => name)
  let header = `${names.join(',')}\n`
  return {
    async write(merged) {
      const lines: string[] = []
      for (let row = 0; row < merged.rows; row++) {
        const object = toJson(record, rowAt(merged.sources[merged.source[row]!]!, merged.row[row]!))
        lines.push(names.map((name) => cell(object[name])).join(','))
      }
      await target.write(words(`${header}${lines.map((line) => `${line}\n`).join('')}`))
      header = ''
    },
    async end() {
      await target.write(words(header))
    },
  }
}

function cell(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
