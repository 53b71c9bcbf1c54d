// `smartspeed report RUN`: what a run came to, as one HTML file or as its tables; several beside each other.
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { GlobalOptions, Where } from '../options.ts'
import { printResult } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly output?: string
  readonly tables?: string
  readonly format?: string
}

export function register(program: Command): void {
  program
    .command('report <run...>')
    .description('the report of a run as one HTML file; of several runs, each beside the first')
    .option('-o, --output <file>', 'the file; RUN.html without it, or RUN-RUN.html')
    .option('--tables <dir>', 'instead of the page each of its tables, a file each in this folder')
    .option('--format <format>', 'of the tables: parquet, arrow, csv or jsonl; parquet when left out')
    .addHelpText(
      'after',
      '\nExamples:\n  npx smartspeed report sma-cross-1 -o report.html\n  npx smartspeed report sma-cross-1 --tables tables\n  npx smartspeed report sma-cross-1 sma-cross-2 -o compared.html',
    )
    .action(async (runs: readonly string[], _options: object, own: Command) => {
      const { json, output, tables, format, ...where } = own.optsWithGlobals<Flags>()
      const { withTopics } = await import('../options.ts')
      if (tables !== undefined || format !== undefined) {
        if (tables === undefined) throw new SmartspeedError('USAGE', '--format is of --tables', { fix: '--tables DIR' })
        if (output !== undefined) {
          throw new SmartspeedError('USAGE', '-o is the page, --tables its tables', { fix: 'two commands give both' })
        }
        if (runs.length > 1) {
          throw new SmartspeedError('USAGE', '--tables are those of one run', { fix: 'a command for each run' })
        }
        return printTables(runs[0]!, { ...where, json }, { dir: tables, format: format ?? 'parquet' })
      }
      const { writeComparison, writeReport } = await import('../report.ts')
      const file = output ?? `${runs.join('-')}.html`
      const written = await withTopics(where, (topics): Promise<{ file: string; bytes: number }> => {
        return runs.length === 1 ? writeReport(topics, runs[0]!, file) : writeComparison(topics, runs, file)
      })
      await printResult(
        json,
        written,
        () => `${written.file}, ${(written.bytes / 1e6).toFixed(1)} MB: open it in a browser`,
      )
    })
}

async function printTables(
  run: string,
  { json, ...where }: Where & { readonly json: boolean | undefined },
  to: { readonly dir: string; readonly format: string },
): Promise<void> {
  const { withTopics } = await import('../options.ts')
  const { tableFormat } = await import('../rows/tables.ts')
  const { writeTables } = await import('../report-tables.ts')
  const { table } = await import('../table.ts')
  tableFormat(to.format)
  const written = await withTopics(where, (topics) => writeTables(topics, run, to))
  await printResult(json, written, () =>
    table(
      ['table', 'rows', 'file'],
      written.tables.map(({ table: name, rows, file }) => [name, rows, file]),
    ),
  )
}
