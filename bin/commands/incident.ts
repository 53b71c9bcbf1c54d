// `smartspeed incident RUN`, `incident run DIR`: a stretch of a run in a folder that is a test.
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { IncidentCall } from '../incident.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

const more = `
The folder holds what the run read in that time, its state before, its journal and what it wrote: small enough to attach to a
ticket. It needs no broker and no other data; \`incident run DIR\` computes it again and compares every row and digest.

The state before the stretch is a snapshot of the run's own, or it is computed, digests compared. Where that gives something else
than the run wrote, the folder begins earlier: behind a snapshot of the run, or with it. --whole does that always: so it can be
computed by other code too.

Example:
  npx smartspeed incident sma-cross-1 --from 2024-08-08T23:55:00Z --to 2024-08-08T23:56:00Z -o ./incident`

export function register(program: Command): void {
  const incident = program
    .command('incident <run>')
    .description('cut a stretch of a run into a folder that is a ready test')
    .option('--from <time>', 'first receive time: ISO 8601 or whole µs')
    .option('--to <time>', 'receive time that the rows come before')
    .option('-o, --output <dir>', 'the folder to make')
    .option('--account <name>', 'only what this account (or task) did, of a run of several')
    .option('--whole', 'whole steps, behind a snapshot of the run or from its beginning; nothing is computed')
    .addHelpText('after', more)
    .action(async (run: string, _options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions & Partial<IncidentCall>>()
      const { madeText, makeIncident } = await import('../incident.ts')
      const made = await makeIncident(run, demanded(options))
      await printResult(options.json, made, () => madeText(made))
    })
  incident
    .command('run <dir>')
    .description('compute an incident again; exit code 1 and the first difference when it is not what the run wrote')
    .addHelpText('after', '\nExample:\n  npx smartspeed incident run ./incident')
    .action(async (dir: string, _options: object, own: Command) => {
      const { json } = own.optsWithGlobals<GlobalOptions>()
      const { computeIncident, verdictText } = await import('../incident.ts')
      const verdict = await computeIncident(dir)
      await printResult(json, verdict, () => verdictText(verdict))
      if (!verdict.equal) process.exitCode = 1
    })
}

/** Not required options to commander: `incident run` would need them too. @throws SmartspeedError USAGE */
function demanded(options: GlobalOptions & Partial<IncidentCall>): GlobalOptions & IncidentCall {
  const { from, to, output } = options
  if (from !== undefined && to !== undefined && output !== undefined) return { ...options, from, to, output }
  const lacking = [
    from === undefined ? ['--from'] : [],
    to === undefined ? ['--to'] : [],
    output === undefined ? ['-o'] : [],
  ]
  throw new SmartspeedError('USAGE', `an incident needs ${lacking.flat().join(' and ')}`, {
    fix: 'for example --from 2024-08-08T23:55:00Z --to 2024-08-08T23:56:00Z -o ./incident',
  })
}
