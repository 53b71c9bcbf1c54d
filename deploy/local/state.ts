// What a supervisor says of the processes that it keeps running, for whoever asks and for the supervisor after it.
import { join } from 'node:path'
import { readJson, writeJson } from '../versions/folder.ts'
import type { MemberState } from './restart.ts'

export interface SupervisorState {
  readonly pid: number
  readonly sinceMs: number
  /** Which wish of `desired.json` it works on. */
  readonly generation: number
  /** True once nothing runs any more that the wish does not name. */
  readonly settled: boolean
  readonly members: readonly MemberState[]
}

/** Undefined before the first supervisor. */
export function readState(folder: string): SupervisorState | undefined {
  return readJson<SupervisorState>(join(folder, 'state.json'))
}

export function writeState(folder: string, state: SupervisorState): void {
  writeJson(join(folder, 'state.json'), state)
}
