// The files of a version, by their path within the folder of manifests.
import type { Version } from '../versions/folder.ts'

/** The same version gives the same bytes. */
export function filesOf(version: Version): ReadonlyMap<string, string> {
  return new Map([['version.yaml', `# Written by smartspeed deploy\nversion: ${version.number}\n`]])
}
