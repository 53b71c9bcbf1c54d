// Run as a process of its own, which may die of it: copies what can be read of a damaged index into a new one (salvage.ts).
import type { EntryKey, Table } from './table.ts'
import { openTable } from './table.ts'

/** Topics and runs one by one; each run's journal, and its snapshots, whole or not at all. */
function rescue(damaged: Table, target: Table): void {
  for (const kind of ['t', 'p', 'r'] as const) attempt(() => copyEach(damaged, target, [kind]))
  for (const { key } of target.scan(['r'])) {
    const run = String(key[1])
    attempt(() =>
      copyWhole(damaged, target, [
        ['j', run],
        ['k', run],
      ]),
    )
    attempt(() =>
      copyWhole(damaged, target, [
        ['n', run],
        ['w', run],
      ]),
    )
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
  }
}

function copyEach(damaged: Table, target: Table, prefix: EntryKey): void {
  for (const { key, value } of damaged.scan(prefix)) target.transaction(() => target.put(key, value))
}

/** A damaged entry throws, and the transaction is dropped. */
function copyWhole(damaged: Table, target: Table, prefixes: readonly EntryKey[]): void {
  target.transaction(() => {
    for (const prefix of prefixes) for (const { key, value } of damaged.scan(prefix)) target.put(key, value)
  })
}

const [dir, from, to] = process.argv.slice(2) as [string, string, string]
const target = openTable(dir, to, { readOnly: false })
rescue(openTable(dir, from, { readOnly: true }), target)
await target.close()
process.exit(0)
