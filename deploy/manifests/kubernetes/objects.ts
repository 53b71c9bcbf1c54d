// What Kubernetes objects of a deployment have in common.
import type { Version } from '../../versions/folder.ts'
import { configHash, type Part } from '../container.ts'

export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [key: string]: unknown }
  readonly [key: string]: unknown
}

/** Of every object of the deployment. */
export function labelsOf({ deployment }: Version) {
  return {
    'app.kubernetes.io/name': 'smartspeed',
    'app.kubernetes.io/instance': deployment.name,
    'app.kubernetes.io/managed-by': 'smartspeed-deploy',
  }
}

/** What tells the pods of a pipeline from others, for ever: a Deployment's cannot change. */
export function selectorOf({ deployment }: Version, { pipeline }: Part) {
  return { 'app.kubernetes.io/instance': deployment.name, 'smartspeed/pipeline': pipeline.name }
}

/** `desk-maker`: objects of several deployments stand in one namespace. */
export function nameOf({ deployment }: Version, { pipeline }: Part): string {
  return pipeline.name === deployment.name ? deployment.name : `${deployment.name}-${pipeline.name}`
}

/** Another config is another object, so that a pod that is started again, or a rollout that is undone, finds its own. */
export function configNameOf(version: Version, part: Part): string {
  return `${nameOf(version, part)}-${configHash(part.pipeline)}`
}
