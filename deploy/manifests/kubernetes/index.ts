// A deployment as Kubernetes objects, for `kubectl apply -k`.
import { readFileSync } from 'node:fs'
import { SmartspeedError } from '../../../schemas/errors.ts'
import type { Version } from '../../versions/folder.ts'
import { caFile, fileOf, httpPort, manifestText, type Part, partsOf, topologyText, whereOf } from '../container.ts'
import { configNameOf, type KubernetesObject, labelsOf, selectorOf } from './objects.ts'
import { refuseFiles } from './pod.ts'
import { embeddedWorkload, workloadOf } from './workload.ts'

/** Files by their path. @throws SmartspeedError CONFIG_INVALID for what a cluster cannot have from here */
export function kubernetesFiles(version: Version): Map<string, string> {
  const { deployment } = version
  refuse(version)
  refuseFiles(version)
  const parts = partsOf(version)
  const where = whereOf(deployment, {
    brokers: deployment.kafka.brokers ?? [],
    registry: deployment.kafka.registry ?? '',
  })
  const workloads =
    deployment.engine === 'embedded'
      ? [[deployment.name, embeddedWorkload(version, parts, where)] as const]
      : parts.map((part) => [`pipeline-${part.pipeline.name}`, workloadOf(version, part, where)] as const)
  const files = new Map<string, string>([
    ['account.yaml', manifestText([serviceAccount(version)], 'The pods are nobody to the cluster.')],
    [
      'config.yaml',
      manifestText(
        parts.map((part) => configMap(version, part)),
        'What each pipeline computes; another config is another object.',
      ),
    ],
    [
      'network.yaml',
      manifestText([networkPolicy(version)], 'Metrics in; brokers, the registry and names out; nothing else.'),
    ],
    ...workloads.map(([name, objects]) => [`${name}.yaml`, manifestText(objects, 'Its processes.')] as const),
  ])
  const kustomization = {
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
    resources: [...files.keys()].sort(),
  }
  return new Map([...files, ['kustomization.yaml', manifestText([kustomization], 'kubectl apply -k this folder')]])
}

function refuse({ deployment }: Version): void {
  const { services, engine, pipelines } = deployment
  if (services.length > 0) {
    throw new SmartspeedError('CONFIG_INVALID', `services = ${JSON.stringify(services)}: a cluster has its own`, {
      fix: 'leave it out, and name kafka.brokers and kafka.registry of the cluster; docs/deploy.md says how Prometheus finds the pods',
      at: ['services'],
    })
  }
  if (engine === 'embedded' && new Set(pipelines.map(({ mode }) => mode)).size > 1) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      'pipelines: on engine = "embedded" all are in one pod, which ends or does not',
      {
        fix: 'give all of them one mode, or engine: kafka',
        at: ['pipelines'],
      },
    )
  }
}

function serviceAccount(version: Version): KubernetesObject {
  return {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
    metadata: { name: version.deployment.name, labels: labelsOf(version) },
    automountServiceAccountToken: false,
  }
}

function configMap(version: Version, part: Part): KubernetesObject {
  const { tlsCa } = version.deployment.kafka
  const metadata = { name: configNameOf(version, part), labels: { ...labelsOf(version), ...selectorOf(version, part) } }
  return {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true },
    data: {
      [fileOf(part.pipeline)]: topologyText(part.pipeline),
      ...(tlsCa === undefined ? {} : { [caFile]: readFileSync(tlsCa, 'utf8') }),
    },
  }
}

/** Brokers are known by name, and a policy by address: what is allowed is their ports. */
function networkPolicy(version: Version): KubernetesObject {
  const { name, engine, kafka, pipelines } = version.deployment
  const registry = kafka.registry === undefined ? undefined : new URL(kafka.registry)
  const ports = [
    ...(kafka.brokers ?? []).map((broker) => Number(broker.slice(broker.lastIndexOf(':') + 1))),
    ...(registry === undefined ? [] : [Number(registry.port) || (registry.protocol === 'https:' ? 443 : 80)]),
  ]
  const tcp = (port: number) => ({ protocol: 'TCP', port })
  const inward = engine === 'embedded' ? pipelines.map((_, index) => tcp(httpPort + index)) : [tcp(httpPort)]
  const names = { ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }
  return {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, labels: labelsOf(version) } },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/instance': name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: inward }],
      egress: engine === 'embedded' ? [] : [names, { ports: [...new Set(ports)].sort((a, b) => a - b).map(tcp) }],
    },
  }
}
