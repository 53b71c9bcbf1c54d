// How commands write: one JSON document, rows, or lines for a person.

/** JSON as CLI.md wants it: BigInt as decimal text, and null for what is not a number. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? String(field) : field))
}

/** Writes a line to stdout and waits while its reader is slow. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}

/** The answer of a command: one JSON document with `--json`, else what `text` says to a person. */
export async function printResult(json: boolean | undefined, value: unknown, text: () => string): Promise<void> {
  await printLine(json ? toJson(value) : text().trimEnd())
}

/** A line for a person about what is going on; stderr, so that stdout stays clean. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** `1 gap`, `2,000 gaps`. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
