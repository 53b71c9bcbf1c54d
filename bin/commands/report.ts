// `smartspeed report RUN`: what a run came to, as one HTML file or as its tables.
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
    .command('report <run>')
    .description('the report of a run as one HTML file')
    .option('-o, --output <file>', 'the file; RUN.html without it')
    .option('--tables <dir>', 'instead of the page each of its tables, a file each in this folder')
    .option('--format <format>', 'of the tables: parquet, arrow, csv or jsonl; parquet when left out')
    .addHelpText(
      'after',
      '\nExamples:\n  npx smartspeed report sma-cross-1 -o report.html\n  npx smartspeed report sma-cross-1 --tables tables',
    )
    .action(async (run: string, _options: object, own: Command) => {
      const { json, output, tables, format, ...where } = own.optsWithGlobals<Flags>()
      const { withTopics } = await import('../options.ts')
      if (tables !== undefined || format !== undefined) {
        if (tables === undefined) throw new SmartspeedError('USAGE', '--format is of --tables', { fix: '--tables DIR' })
        if (output !== undefined) {
          throw new SmartspeedError('USAGE', '-o is the page, --tables its tables', { fix: 'two commands give both' })
        }
        return printTables(run, { ...where, json }, { dir: tables, format: format ?? 'parquet' })
      }
      const { writeReport } = await import('../report.ts')
      const written = await withTopics(where, (topics) => writeReport(topics, run, output ?? `${run}.html`))
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
