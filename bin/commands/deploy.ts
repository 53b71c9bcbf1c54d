// `smartspeed deploy`: pipelines that are kept running as one file says, on this machine, in Compose or on Kubernetes.
import { type Command, Option } from 'commander'
import { note, printResult } from '../output.ts'

interface Flags {
  readonly dir: string
  readonly json?: boolean
  readonly target?: 'local' | 'compose' | 'kubernetes'
  readonly output?: string
  readonly why?: string
  readonly newRun?: readonly string[]
  readonly to?: string
  readonly heal?: boolean
  readonly override?: string
}

export function register(program: Command): void {
  const deploy = program.command('deploy').description('keep pipelines running as one file says: docs/deploy.md')

  targeted(deploy.command('plan <topology>'))
    .description('what an apply would change: field by field, old → new; changes nothing')
    .addHelpText('after', example('plan desk.yaml'))
    .action((file: string, _: object, own: Command) =>
      act(own, async ({ acts, read, how }) => acts.plan(await read(file), how), { planned: true }),
    )

  targeted(deploy.command('apply <topology>'))
    .description('make it so; when the new version does not get ready, the old one goes on')
    .option('--why <text>', 'the reason, for the audit topic')
    .option('--new-run <pipeline...>', 'begin a new run of these, though their config is the same')
    .option('--override <reason>', 'trade although validation says that it is luck; the reason goes to the audit topic')
    .addHelpText('after', example("apply desk.yaml --why 'first go'"))
    .action((file: string, _: object, own: Command) =>
      act(own, async ({ acts, read, how, override }) => {
        const { answeredFor } = await import('../../deploy/verdicts.ts')
        return acts.apply(answeredFor(await read(file), override), how)
      }),
    )

  deploy
    .command('status <topology>')
    .description('what runs, how it is, which versions there were')
    .option('--heal', 'start again what should run and does not')
    .addHelpText('after', example('status desk.yaml'))
    .action(async (file: string, _: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const { howOf, statusText } = await import('../deploy.ts')
      const { readDeploymentFile } = await import('../deploy-file.ts')
      const { statusOf } = await import('../../deploy/status.ts')
      const { name } = await readDeploymentFile(file)
      const { heal } = await import('../../deploy/acts.ts')
      const healed = flags.heal ? await heal(name, howOf(flags)) : { changes: [] }
      const status = await statusOf(name, flags.dir)
      await printResult(flags.json, { ...status, changes: healed.changes }, () => statusText(status, healed.changes))
    })

  targeted(deploy.command('rollback <topology>'))
    .description('bring an earlier version back: the last one before this, or that of --to')
    .option('--to <version>', 'its number')
    .option('--why <text>', 'the reason, for the audit topic')
    .addHelpText('after', example('rollback desk.yaml --to 1'))
    .action((file: string, _: object, own: Command) =>
      act(own, async ({ acts, read, how, to }) => acts.rollback((await read(file)).name, how, to)),
    )

  deploy
    .command('destroy <topology>')
    .description('end all of it; runs, versions and the audit topic stay')
    .option('--why <text>', 'the reason, for the audit topic')
    .addHelpText('after', example('destroy desk.yaml'))
    .action((file: string, _: object, own: Command) =>
      act(own, async ({ acts, read, how }) => acts.destroy((await read(file)).name, how)),
    )

  deploy
    .command('supervise <folder>', { hidden: true })
    .description('keep the processes of a deployment running: apply starts it')
    .addHelpText('after', example('supervise .smartspeed/deploy/desk'))
    .action(async (folder: string) => {
      const { superviseAlone } = await import('../../deploy/local/alone.ts')
      const stop = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
      await superviseAlone(folder, stop.signal)
    })
}

function targeted(command: Command): Command {
  return command
    .addOption(
      new Option('--target <name>', 'where it runs').choices(['local', 'compose', 'kubernetes']).default('local'),
    )
    .option('-o, --output <folder>', 'where the manifests go')
}

function example(words: string): string {
  return `\nExample:\n  npx smartspeed deploy ${words}`
}

interface Tools {
  readonly acts: typeof import('../../deploy/acts.ts')
  readonly how: import('../../deploy/acts.ts').How
  readonly to: number | undefined
  readonly override: string | undefined
  read(file: string): Promise<import('../../deploy/topology/schema.ts').Deployment>
}

async function act(
  own: Command,
  work: (tools: Tools) => Promise<import('../../deploy/acts.ts').Done>,
  { planned = false } = {},
): Promise<void> {
  const flags = own.optsWithGlobals<Flags>()
  const { howOf, changesText } = await import('../deploy.ts')
  const { readDeploymentFile: read } = await import('../deploy-file.ts')
  const { parseWhole } = await import('../options.ts')
  const acts = await import('../../deploy/acts.ts')
  const to = flags.to === undefined ? undefined : parseWhole('--to', flags.to, 1)
  const how = howOf(flags)
  const done = await work({ acts, how, to, read, override: flags.override })
  await printResult(flags.json, done, () => changesText(done, { planned, how }))
  if (!planned && how.target !== 'local' && done.version !== null) note(acts.nextStep(how))
}
