// What of a deployment should run on this machine, and does not.
import type { Change } from '../versions/difference.ts'
import type { Version } from '../versions/folder.ts'
import { isSupervised } from './alone.ts'
import { isUp, unitsOf } from './change.ts'
import { foundIn } from './found.ts'
import { readState } from './state.ts'
import { membersOf, readDesired } from './unit.ts'

/** The processes that an apply would start or stop though the version stays; empty when all is as it should be. */
export function driftOf(folder: string, current: Version): Change[] {
  const supervised = isSupervised(folder)
  const states = new Map((readState(folder)?.members ?? []).map((state) => [state.id, state]))
  const found = foundIn(folder)
  const members = membersOf(folder, unitsOf(current))
  const changes: Change[] = []
  if (!supervised) {
    changes.push({
      action: 'start',
      kind: 'process',
      name: 'supervisor',
      detail: 'it does not run: nobody would start again what ends',
    })
  }
  for (const { id } of members) {
    const state = states.get(id)
    const runs = found.some((one) => one.id === id)
    const end = state?.lastEnd
    const why = end === undefined ? '' : ` (${end.how}${end.said === '' ? '' : `, ${end.said}`})`
    // Who ends is started again by the supervisor, where there is one.
    if (runs || state?.status === 'finished' || (supervised && state?.status === 'waiting')) continue
    const given = state?.status === 'failed' || state?.status === 'crash loop'
    if (supervised && !given && state !== undefined && isUp(state.status)) continue
    changes.push({
      action: 'start',
      kind: 'process',
      name: id,
      detail: given ? `${state.status}${why}` : `it is gone${why}`,
    })
  }
  const wished = new Set(members.map(({ id }) => id))
  for (const { id, pid } of found) {
    if (!wished.has(id))
      changes.push({
        action: 'stop',
        kind: 'process',
        name: id,
        detail: `pid ${pid} is of a version that was not reached`,
      })
  }
  const cutOff = readDesired(folder)?.units.some(({ role }) => role !== 'serving') ?? false
  if (cutOff && changes.length === 0) {
    changes.push({
      action: 'stop',
      kind: 'process',
      name: 'next version',
      detail: 'an apply was cut off before its version was reached',
    })
  }
  return changes
}
