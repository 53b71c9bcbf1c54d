// What `smartspeed deploy` says to a person, the answer first, and what it is called with.
import { join } from 'node:path'
import type { Done, How } from '../deploy/acts.ts'
import type { DeploymentStatus } from '../deploy/status.ts'
import type { Change } from '../deploy/versions/difference.ts'
import type { Target } from '../deploy/versions/folder.ts'
import { counted, note } from './output.ts'
import { terminalWidth, wrapped } from './paragraph.ts'
import { table } from './table.ts'

interface Called {
  readonly dir: string
  readonly target?: Target
  readonly output?: string
  readonly why?: string
  readonly newRun?: readonly string[]
}

/** An act of this program; Ctrl-C ends it, and what ran before goes on. */
export function howOf({ dir, target = 'local', output, why, newRun }: Called): How {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const program = [process.execPath, join(import.meta.dirname, 'main.ts')]
  return {
    dir,
    target,
    out: output,
    why,
    program,
    signal: stop.signal,
    note,
    ...(newRun === undefined ? {} : { newRuns: newRun }),
  }
}

/** Line 1 what was or would be done, then a line a change, then a line a field. */
export function changesText(
  { changes, version }: Done,
  { planned, how }: { planned: boolean; how: Pick<How, 'target'> },
): string {
  const what = version === null ? 'nothing runs' : `version ${version}`
  const count = counted(changes.length, 'change', 'changes')
  const first =
    changes.length > 0
      ? planned
        ? `${count} would make ${what}; nothing was changed`
        : `${what}: ${count} made`
      : version === null
        ? 'no changes: nothing runs'
        : `no changes: ${what} is what ${how.target === 'local' ? 'runs' : 'is written'}`
  return [first, ...changes.flatMap((change) => changeLines(change, terminalWidth()))].join('\n')
}

const signs: Readonly<Record<Change['action'], string>> = {
  ...{ create: '+', start: '+', update: '~', scale: '~', 'take over': '~', 'new run': '~', remove: '−', stop: '−' },
}

function changeLines({ action, kind, name, detail, fields = [] }: Change, width: number): string[] {
  const said = fields.length === 0 ? detail : withoutFields(detail)
  return [
    wrapped(`  ${signs[action]} ${action} ${kind} ${name}${said === '' ? '' : `: ${said}`}`, width),
    ...fields.map(({ path, was, is }) => wrapped(`      ${path}: ${show(was)} → ${show(is)}`, width)),
  ]
}

/** Each field has its own line below. */
function withoutFields(detail: string): string {
  return detail
    .split('; ')
    .filter((part) => !part.includes(' → ') || part.startsWith('code '))
    .join('; ')
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** Line 1 whether all is well, then the processes, the services, what ended last, the versions. */
export function statusText(status: DeploymentStatus, healed: readonly Change[]): string {
  const { name, version, target, members, services, versions, audit, verdict, supervisor } = status
  const width = terminalWidth()
  const head = version === null ? `${name}: ${verdict}` : `${name}: ${verdict}, version ${version} on ${target}`
  const rows = members.map(({ id, status, pid, port, restarts, seconds }) => [
    ...[id, status, pid === null ? '–' : String(pid), port === null ? '–' : String(port)],
    ...[String(restarts), seconds === null ? '–' : duration(seconds)],
  ])
  const ends = members.flatMap(({ id, lastEnd, log }) =>
    lastEnd === null || lastEnd.how === 'exit 0'
      ? []
      : [
          wrapped(
            `  ${id} ended ${iso(lastEnd.atMs)}: ${lastEnd.how}${lastEnd.said === '' ? '' : `, ${lastEnd.said}`}; ${log}`,
            width,
          ),
        ],
  )
  return [
    head,
    ...healed.flatMap((change) => changeLines(change, width)),
    ...(members.length === 0 ? [] : [table(['process', 'state', 'pid', 'port', 'restarts', 'since'], rows), ...ends]),
    ...(target === 'local' && version !== null
      ? [
          `supervisor: ${supervisor === null ? 'none; smartspeed deploy status --heal starts one' : `pid ${supervisor}`}`,
        ]
      : []),
    ...services.map((one) => `${one.name}: ${one.condition}${one.endpoint === null ? '' : `, ${one.endpoint}`}`),
    ...(versions.length === 0
      ? []
      : [
          table(
            ['version', 'outcome', 'target', 'applied (UTC)', 'by', 'hash'],
            versions.map((one) => [
              String(one.number),
              one.outcome,
              one.target,
              iso(one.timeMs),
              one.who,
              one.hash.slice(0, 8),
            ]),
          ),
        ]),
    `audit: ${counted(audit.acts, 'act', 'acts')}${audit.brokenAt === null ? '' : `, and act ${audit.brokenAt} does not follow from the one before`}; smartspeed cat audit --run ${audit.run}`,
  ].join('\n')
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
