// The files of a version, by their path within the folder of manifests.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Version } from '../versions/folder.ts'
import { composeFiles } from './compose.ts'
import { kubernetesFiles } from './kubernetes/index.ts'

/** The same version gives the same bytes. @throws SmartspeedError CONFIG_INVALID for what the target cannot have */
export function filesOf(version: Version): ReadonlyMap<string, string> {
  if (version.target === 'kubernetes') return kubernetesFiles(version)
  if (version.target === 'compose') return composeFiles(version)
  throw new SmartspeedError('USAGE', 'target local has no manifests')
}
