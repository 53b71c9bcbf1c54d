// The file of a deployment.
import { readFileSync } from 'node:fs'
import { readDeployment } from '../deploy/topology/read.ts'
import type { Deployment } from '../deploy/topology/schema.ts'
import { SmartspeedError } from '../schemas/errors.ts'

/** @throws SmartspeedError FILE_MISSING, and what `readDeployment` says */
export function readDeploymentFile(file: string): Promise<Deployment> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SmartspeedError('FILE_MISSING', `cannot read ${file}: ${(cause as Error).message}`, {
      ...{ cause, fix: 'check the path; docs/deploy.md shows a file' },
    })
  }
  return readDeployment(text, file)
}
