// A table for a terminal: as wide as its words, numbers to the right.

/** Lines of a table under a head; cells that are numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const text = rows.map((row) => row.map(String))
  const widths = head.map((name, column) => Math.max(name.length, ...text.map((row) => row[column]!.length)))
  const right = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => row[column] === '' || isNumber(String(row[column]))),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [line(head), ...text.map(line)].join('\n')
}

/**
 * Also as people write it: a true minus, a plus, about, thin spaces, k and M behind it, a length of time; a dash stands for a
 * number that is not there.
 */
function isNumber(text: string): boolean {
  if (/^(<?[\d.]+ s|\d+[mhd] \d+[smh])$/.test(text)) return true
  const plain = text
    .replace(/^[+\u2212~]/, '')
    .replaceAll('\u2009', '')
    .replace(/[kMBT]$/, '')
  return text === '–' || (plain !== '' && !Number.isNaN(Number(plain)))
}
