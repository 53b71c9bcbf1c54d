// The pod of a pipeline: one container that may do nothing but its work.
import { SmartspeedError } from '../../../schemas/errors.ts'
import type { Deployment } from '../../topology/schema.ts'
import type { Version } from '../../versions/folder.ts'
import { argumentsOf, configFolder, configHash, dataFolder, httpPort, type Part, userId } from '../container.ts'
import { configNameOf, labelsOf, selectorOf } from './objects.ts'

/** The template of the pods that run some pipelines: one, or on the embedded log all that share it. */
export function podTemplate(
  version: Version,
  parts: readonly Part[],
  where: readonly string[],
  restartPolicy: 'Always' | 'OnFailure',
) {
  const { deployment } = version
  const [first] = parts
  const single = parts.length === 1
  const selector = single ? selectorOf(version, first!) : { 'app.kubernetes.io/instance': deployment.name }
  return {
    metadata: {
      labels: {
        ...labelsOf(version),
        ...selector,
        'smartspeed/version': String(Math.max(...parts.map(({ deployed }) => deployed.since))),
      },
      annotations: {
        ...Object.fromEntries(
          parts.map(({ pipeline }) => [`smartspeed/config-${pipeline.name}`, configHash(pipeline)]),
        ),
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(httpPort),
        'prometheus.io/path': '/metrics',
      },
    },
    spec: {
      serviceAccountName: deployment.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy,
      terminationGracePeriodSeconds: Math.ceil(deployment.restart.stopMs / 1000),
      securityContext: {
        runAsNonRoot: true,
        ...{ runAsUser: userId, runAsGroup: userId, fsGroup: userId },
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(deployment.engine === 'embedded'
        ? // Readers of one memory map know each other by their pids.
          { shareProcessNamespace: true }
        : { topologySpreadConstraints: [spread(selector)] }),
      containers: parts.map((part, index) => container(deployment, part, where, httpPort + index)),
      volumes: [
        ...parts.map((part) => ({ name: volumeOf(part), configMap: { name: configNameOf(version, part) } })),
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
    },
  }
}

/** Members of a run on several machines, where there are several. */
function spread(matchLabels: Readonly<Record<string, string>>) {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels },
  }
}

/** `port`: containers of one pod share their ports. */
function container(deployment: Deployment, part: Part, where: readonly string[], port: number) {
  const { pipeline } = part
  const { cpu, memory } = pipeline.resources
  const embedded = deployment.engine === 'embedded'
  const args = argumentsOf(part, where, !embedded && pipeline.mode === 'paper').map((one) =>
    one.replace(`0.0.0.0:${httpPort}`, `0.0.0.0:${port}`),
  )
  const ask = (path: string) => ({ httpGet: { path, port: `http-${port}` } })
  return {
    name: pipeline.name,
    image: deployment.image,
    args,
    ...(Object.keys(deployment.secrets).length === 0 ? {} : { env: secretsOf(deployment) }),
    ports: [{ name: `http-${port}`, containerPort: port }],
    // Until it is begun: restoring a long run takes a while, and is no reason to start it again.
    startupProbe: { ...ask('/health/live'), periodSeconds: 2, failureThreshold: 300 },
    livenessProbe: { ...ask('/health/live'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...ask('/health/ready'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    // Memory is what it may have; more would be given back by killing it. It may use what is left of the processor.
    resources: { requests: { cpu: coresOf(cpu), memory }, limits: { memory } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: volumeOf(part), mountPath: configFolder, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...(embedded ? [{ name: 'topics', mountPath: dataFolder }] : []),
    ],
  }
}

function volumeOf({ pipeline }: Part): string {
  return `config-${pipeline.name}`
}

/** Values come from Secrets; what the file takes from elsewhere is a key of the Secret `<deployment>-secrets`. */
function secretsOf({ name, secrets }: Deployment) {
  return Object.entries(secrets).map(([variable, secret]) => ({
    name: variable,
    valueFrom: { secretKeyRef: 'secret' in secret ? secret.secret : { name: `${name}-secrets`, key: variable } },
  }))
}

/** As Kubernetes writes it: `500m`, `2`. */
function coresOf(cpu: number | string): string {
  return typeof cpu === 'string' ? cpu : Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`
}

/** @throws SmartspeedError CONFIG_INVALID for a strategy that no image has */
export function refuseFiles({ deployment }: Version): void {
  for (const [index, { strategy, strategies }] of deployment.pipelines.entries()) {
    const file = [...(strategies ?? []), ...(strategy === undefined ? [] : [strategy])].find(({ name }) =>
      /[\\/]/.test(name),
    )
    if (file === undefined) continue
    throw new SmartspeedError('CONFIG_INVALID', `pipelines.${index}: the strategy file ${file.name} is in no image`, {
      fix: 'add it to operators/strategies (docs/add-a-strategy.md) and build the image anew',
      at: ['pipelines', String(index)],
    })
  }
}
