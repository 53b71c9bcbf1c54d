// What `smartspeed services` says to a person, and how its flags are read.

import { type ServiceName, type ServiceStatus, serviceNames } from '../deploy/services/index.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import { parseWhole } from './options.ts'
import { table } from './table.ts'

/** The services named, or all. Errors: UNKNOWN_NAME. */
export function parseNames(names: readonly string[]): readonly ServiceName[] {
  return names.length === 0 ? serviceNames : [...new Set(names.map(parseName))]
}

/**
 * Ports from `kafka=9092`, or `9092` where one service is meant; 0 is any free port.
 * Errors: CONFIG_INVALID, UNKNOWN_NAME.
 */
export function parsePorts(
  texts: readonly string[],
  names: readonly ServiceName[],
): Readonly<Partial<Record<ServiceName, number>>> {
  const ports: Partial<Record<ServiceName, number>> = {}
  for (const text of texts) {
    const [left, right] = text.includes('=') ? text.split('=', 2) : [undefined, text]
    const name = left === undefined ? names[0]! : parseName(left)
    if (left === undefined && names.length > 1) {
      throw new SmartspeedError('CONFIG_INVALID', `--port ${text}: the port of which service? ${names.join(', ')}`, {
        fix: `for example --port ${names[0]}=${text}`,
      })
    }
    if (!names.includes(name)) {
      throw new SmartspeedError('CONFIG_INVALID', `--port ${text}: ${name} is not among the services to start`, {
        fix: `name it too: smartspeed services up ${[...names, name].join(' ')}`,
      })
    }
    if (ports[name] !== undefined) throw new SmartspeedError('CONFIG_INVALID', `--port: ${name} was given twice`)
    ports[name] = parseWhole(`--port ${name}=`, right!, 0, 65_535)
  }
  return ports
}

/** A line a service, and under the table what a person should know of some. */
export function servicesText(statuses: readonly ServiceStatus[]): string {
  const rows = statuses.map(({ name, version, condition, endpoint, pid, seconds }) => [
    ...[name, version, condition, endpoint ?? '–'],
    ...[pid === null ? '–' : String(pid), seconds === null ? '–' : seconds.toFixed(1)],
  ])
  const details = statuses.flatMap(({ name, detail, pid, log, ready }) => {
    if (detail === undefined) return []
    return [`${name}: ${detail}`, ...(pid === null || ready ? [] : [`  what it says of itself: ${log}`])]
  })
  return [table(['service', 'version', 'condition', 'endpoint', 'pid', 'seconds'], rows), ...details].join('\n')
}

function parseName(name: string): ServiceName {
  const known = serviceNames.find((one) => one === name)
  if (known === undefined) throw unknownName('service', name, serviceNames)
  return known
}
