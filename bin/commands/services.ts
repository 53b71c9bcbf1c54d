// `smartspeed services up|down|status`: real local servers without Docker.
import { join } from 'node:path'
import type { Command } from 'commander'
import { note, printResult } from '../output.ts'

interface Flags {
  readonly dir: string
  readonly json?: boolean
  readonly fresh?: boolean
  readonly kill?: boolean
  readonly port?: readonly string[]
}

const CONDITIONS = `
Their data, config and logs are in DIR/services. A service is ready when a real operation answers: Kafka initialises a
transactional producer, the registry lists its subjects. Java 17 or later runs them; Maven gets them once, into the
folder that SMARTSPEED_CACHE names, or the user's cache.`

export function register(program: Command): void {
  const services = program.command('services').description('real local servers without Docker: kafka, registry')

  services
    .command('up [name...]')
    .description('start them all, or those named, and wait until they are ready; what they kept is there again')
    .option('--fresh', 'empty what they kept')
    .option('--port <name=port>', 'port of a service, 0 for any free one; may be repeated', collect)
    .addHelpText('after', `${CONDITIONS}\n\nExample:\n  npx smartspeed services up kafka registry`)
    .action(async (names: string[], _options: object, own: Command) => {
      const { dir, json, fresh = false, port = [] } = own.optsWithGlobals<Flags>()
      const { parseNames, parsePorts, servicesText } = await import('../services.ts')
      const wanted = parseNames(names)
      const ports = parsePorts(port, wanted)
      const { startServices } = await import('../../deploy/services/index.ts')
      const signal = interrupted()
      const { statuses } = await startServices({ names: wanted, dir: folderIn(dir), fresh, ports, signal, note })
      await printResult(json, { services: statuses }, () => servicesText(statuses))
    })

  services
    .command('down [name...]')
    .description('stop them all, or those named; what they kept stays')
    .option('--kill', 'at once, as a power cut would')
    .addHelpText('after', '\nExample:\n  npx smartspeed services down')
    .action(async (names: string[], _options: object, own: Command) => {
      const { dir, json, kill = false } = own.optsWithGlobals<Flags>()
      const { parseNames, servicesText } = await import('../services.ts')
      const { stopServices } = await import('../../deploy/services/index.ts')
      const stopped = await stopServices({ names: parseNames(names), dir: folderIn(dir), kill })
      await printResult(json, { services: stopped }, () => servicesText(stopped))
    })

  services
    .command('status [name...]')
    .description('which of them run, where, and what ended without being stopped')
    .addHelpText('after', '\nExample:\n  npx smartspeed services status --json')
    .action(async (names: string[], _options: object, own: Command) => {
      const { dir, json } = own.optsWithGlobals<Flags>()
      const { parseNames, servicesText } = await import('../services.ts')
      const { servicesElsewhere, statusOfServices } = await import('../../deploy/services/index.ts')
      const statuses = await statusOfServices({ names: parseNames(names), dir: folderIn(dir) })
      const elsewhere = servicesElsewhere(folderIn(dir))
      await printResult(json, { services: statuses, elsewhere }, () =>
        [
          servicesText(statuses),
          ...elsewhere.map(({ pid, folder, left }) => `also running: pid ${pid}, ${folder}${left ? `; ${left}` : ''}`),
        ].join('\n'),
      )
    })
}

/** Beside the log, which has nothing of that name. */
function folderIn(dir: string): string {
  return join(dir, 'services')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** Aborts at Ctrl-C, so that a server that is not yet ready is not left behind. */
function interrupted(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop.signal
}
