// `smartspeed report RUN`: what a run came to, as one HTML file.
import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('report <run>')
    .description('the report of a run as one HTML file')
    .option('-o, --output <file>', 'the file; RUN.html without it')
    .addHelpText('after', '\nExample:\n  npx smartspeed report sma-cross-1 -o report.html')
    .action(async (run: string, _options: object, own: Command) => {
      const { json, output, ...where } = own.optsWithGlobals<GlobalOptions & { output?: string }>()
      const { withTopics } = await import('../options.ts')
      const { writeReport } = await import('../report.ts')
      const written = await withTopics(where, (topics) => writeReport(topics, run, output ?? `${run}.html`))
      await printResult(
        json,
        written,
        () => `${written.file}, ${(written.bytes / 1e6).toFixed(1)} MB: open it in a browser`,
      )
    })
}
