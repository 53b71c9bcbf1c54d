// What keeps the pods of a pipeline there, and how many of them.
import { tasksOf } from '../../topology/schema.ts'
import type { Version } from '../../versions/folder.ts'
import { httpPort, type Part } from '../container.ts'
import { type KubernetesObject, labelsOf, nameOf, selectorOf } from './objects.ts'
import { podTemplate } from './pod.ts'

/** Rows that a process may have before it before another is asked for. */
const lagRows = '10000'

/**
 * On Kafka a member of a run may be on any pod: a Deployment, whose new pods take over before the old ones go; a Job where it ends by
 * itself. Beside it who may be away at once, and how many there are while rows are waiting.
 */
export function workloadOf(version: Version, part: Part, where: readonly string[]): KubernetesObject[] {
  const { pipeline } = part
  const selector = selectorOf(version, part)
  const metadata = { name: nameOf(version, part), labels: { ...labelsOf(version), ...selector } }
  if (pipeline.mode === 'backtest') {
    // A Job's pods cannot change: each version is another one.
    const name = `${metadata.name}-v${part.deployed.since}`
    const { replicas } = pipeline
    const spec = {
      parallelism: replicas,
      completions: replicas,
      backoffLimit: 20,
      template: podTemplate(version, [part], where, 'OnFailure'),
    }
    return [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, name }, spec }]
  }
  const most = tasksOf(pipeline) ?? pipeline.replicas
  const scaled = most > 1
  const deployment: KubernetesObject = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: {
      // Where their number follows the lag, nobody else sets it.
      ...(scaled ? {} : { replicas: pipeline.replicas }),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: Math.max(60, Math.ceil(version.deployment.restart.readyMs / 1000)),
      // All new ones start beside the old, and none of those goes before a new one is ready.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      selector: { matchLabels: selector },
      template: podTemplate(version, [part], where, 'Always'),
    },
  }
  return [deployment, disruptionBudget(metadata, selector), ...(scaled ? [scaler(metadata, part, most)] : [])]
}

/** The embedded log is one folder that one pod has: all pipelines are in that pod. */
export function embeddedWorkload(
  version: Version,
  parts: readonly Part[],
  where: readonly string[],
): KubernetesObject[] {
  const { deployment } = version
  const matchLabels = { 'app.kubernetes.io/instance': deployment.name }
  const metadata = { name: deployment.name, labels: labelsOf(version) }
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } }
  if (parts.every(({ pipeline }) => pipeline.mode === 'backtest')) {
    const template = podTemplate(version, parts, where, 'OnFailure')
    const volumes = [
      ...template.spec.volumes,
      { name: 'topics', persistentVolumeClaim: { claimName: `${deployment.name}-topics` } },
    ]
    const since = Math.max(...parts.map((part) => part.deployed.since))
    return [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...metadata, name: `${deployment.name}-topics` },
        spec: claim,
      },
      {
        ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, name: `${deployment.name}-v${since}` } },
        spec: { backoffLimit: 20, template: { ...template, spec: { ...template.spec, volumes } } },
      },
    ]
  }
  const set: KubernetesObject = {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata },
    spec: {
      ...{ replicas: 1, serviceName: deployment.name, revisionHistoryLimit: 5, selector: { matchLabels } },
      template: podTemplate(version, parts, where, 'Always'),
      volumeClaimTemplates: [{ metadata: { name: 'topics' }, spec: claim }],
    },
  }
  const ports = parts.map((_, index) => ({ name: `http-${httpPort + index}`, port: httpPort + index }))
  const service: KubernetesObject = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata },
    spec: { clusterIP: 'None', selector: matchLabels, ports },
  }
  return [service, set, disruptionBudget(metadata, matchLabels)]
}

type Metadata = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** Nodes are drained one member at a time. Not `minAvailable`: with one member no node could ever be drained. */
function disruptionBudget(metadata: Metadata, matchLabels: Readonly<Record<string, string>>): KubernetesObject {
  return {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata },
    spec: { maxUnavailable: 1, selector: { matchLabels }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  }
}

/** As many members as the rows that wait need, and no more than there are tasks: the metric is each task's own. */
function scaler(metadata: Metadata, { pipeline, deployed }: Part, most: number): KubernetesObject {
  const { replicas } = pipeline
  return {
    ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
      ...{ minReplicas: replicas, maxReplicas: Math.max(most, replicas) },
      metrics: [
        {
          type: 'External',
          external: {
            metric: { name: 'smartspeed_task_lag_rows', selector: { matchLabels: { run: deployed.run } } },
            target: { type: 'AverageValue', averageValue: lagRows },
          },
        },
      ],
      // Each change gives tasks to others, which costs them a restore.
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }] },
        scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }] },
      },
    },
  }
}
