// `smartspeed run`: a pipeline cut into tasks, by this process and all others that run the same.
import type { Command } from 'commander'
import { SmartspeedError } from '../../schemas/errors.ts'
import { parseWhole } from '../options.ts'
import { printResult } from '../output.ts'
import { cutting, type TradingFlags, topologyOf, withPlaces, withTradingFlags } from '../trading-flags.ts'

interface Flags extends TradingFlags {
  tasks?: string
  commitMs?: string
  follow?: boolean
  maxWaitMs?: string
  takeover?: boolean
  http?: string
  sessionMs?: string
  override?: string
}

export function register(program: Command): void {
  const command = program
    .command('run <pipeline|topology>')
    .description(
      'run a pipeline by tasks (trading: one an account; features: some instruments each) until its inputs end',
    )
  withTradingFlags(command)
    .option('--tasks <n>', 'how many tasks a new run is cut into; with trading there are as many as accounts')
    .option('--commit-ms <ms>', 'a step closes after so long (1000); 5 for low latency')
    .option('--follow', 'go on with rows that are written later, for ever')
    .option('--max-wait-ms <ms>', 'with --follow: how long a row waits for older ones to come (as --commit-ms)')
    .option(
      '--override <reason>',
      'with --follow: trade although validation says that it is luck; the reason is written down',
    )
    .option('--takeover', 'take the run over from another version, once this one was seen to compute the same')
    .option('--http <port>', 'metrics and health on this port (0: any free one; 0.0.0.0:9464: on every address)')
    .option('--session-ms <ms>', 'Kafka: a member that gave no sign for so long has lost its tasks (10000)')
    .addHelpText(
      'after',
      '\nExample:\n  npx smartspeed run features --exchange binance-usdm --interval 1m' +
        '\n\nThe same command with the same --name in another process joins in (on Kafka). Ctrl-C leaves the tasks to the others.' +
        '\nMore: docs/run.md',
    )
    .action(async (what: string, _options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { runHere, runSummary } = await import('../run.ts')
      const { pipeline, file } = await meant(what)
      const topology = await topologyOf(file, flags, { command: `run ${what}`, ...(pipeline && { pipeline }) })
      const http =
        flags.http === undefined ? undefined : (await import('../../console/http/server.ts')).parseAddress(flags.http)
      const call = { ...flags, ...cutting(flags), ...numbers(flags), http, topology }
      const result = await withPlaces({ topology: file, risk: flags.risk }, () => runHere(call))
      await printResult(flags.json, shown(result), () => runSummary(result))
    })
}

/** A pipeline by name, or a file. @throws SmartspeedError UNKNOWN_NAME */
async function meant(what: string) {
  const { pipelineNames } = await import('../../pipelines/about.ts')
  const { unknownName } = await import('../../schemas/errors.ts')
  const pipeline = pipelineNames.find((name) => name === what)
  if (pipeline !== undefined) return { pipeline, file: undefined }
  if (/\.ya?ml$/.test(what) || what.includes('/')) return { pipeline: undefined, file: what }
  const { message, fix } = unknownName('pipeline', what, pipelineNames)
  throw new SmartspeedError('UNKNOWN_NAME', `${message}, or a TOPOLOGY.yaml`, { fix })
}

function numbers({ tasks, commitMs, follow = false, maxWaitMs, sessionMs, to }: Flags) {
  if (follow && to !== undefined) {
    throw new SmartspeedError('USAGE', '--to with --follow: a run that follows its inputs has no end', {
      fix: 'leave one of them out',
    })
  }
  return {
    follow,
    maxWaitMs: maxWaitMs === undefined ? undefined : parseWhole('--max-wait-ms', maxWaitMs, 0, 3_600_000),
    tasks: tasks === undefined ? undefined : parseWhole('--tasks', tasks, 1, 1000),
    commitMs: commitMs === undefined ? undefined : parseWhole('--commit-ms', commitMs, 1, 60_000),
    sessionMs: sessionMs === undefined ? undefined : parseWhole('--session-ms', sessionMs, 500, 300_000),
  }
}

/** What CLI.md promises of it, and of a trading run what `backtest` gives. */
function shown(result: import('../../pipelines/run.ts').RunResult) {
  if (!('summary' in result)) return result
  const { summary: _summary, span: _span, ...rest } = result
  return rest
}
