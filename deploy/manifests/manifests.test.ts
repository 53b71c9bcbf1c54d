import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { describeWith, dockerCheck, kubernetesValidate, root } from '../../tests/data.ts'
import { composeDesk, embeddedDesk, kafkaDesk, versionOf } from '../../tests/deploy/desks.ts'
import { apply, type How, plan } from '../acts.ts'
import { readDeployment } from '../topology/read.ts'
import type { Target } from '../versions/folder.ts'
import { filesOf } from './files.ts'

interface Container {
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[]
  readonly securityContext: object
  readonly [key: string]: unknown
}

interface Documents {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly replicas?: number
    readonly template: {
      readonly metadata: { readonly annotations: object }
      readonly spec: { readonly containers: readonly Container[]; readonly [key: string]: unknown }
    }
    readonly [key: string]: unknown
  }
  readonly data?: Readonly<Record<string, string>>
}

const documentsOf = (text: string) => parseAllDocuments(text).map((one) => one.toJS() as Documents)

async function objects(text: string): Promise<Documents[]> {
  const files = filesOf(await versionOf(text, 'kubernetes'))
  return [...files].filter(([name]) => name !== 'kustomization.yaml').flatMap(([, one]) => documentsOf(one))
}

const of = (all: readonly Documents[], kind: string) => all.filter((one) => one.kind === kind)

describe('Kubernetes', () => {
  test('a paper pipeline on Kafka is a Deployment whose new pods all start before an old one goes', async () => {
    const [deployment] = of(await objects(kafkaDesk), 'Deployment')
    expect(deployment).toMatchObject({
      metadata: { name: 'desk-maker' },
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } } },
    })
    const [container] = deployment!.spec.template.spec.containers
    expect(container!.args.join(' ')).toMatch(
      /^run \/etc\/smartspeed\/maker\.yaml --name maker --tasks 3 --follow .*--http 0\.0\.0\.0:9464 .*--brokers broker-0\.kafka:9093,broker-1\.kafka:9093/,
    )
    expect(container).toMatchObject({
      image: 'registry.example/smartspeed:1.2.3',
      livenessProbe: { httpGet: { path: '/health/live' } },
      readinessProbe: { httpGet: { path: '/health/ready' } },
      startupProbe: { httpGet: { path: '/health/live' } },
      resources: { requests: { cpu: '1500m', memory: '1Gi' }, limits: { memory: '1Gi' } },
    })
  })

  test('a pipeline that ends by itself is a Job, and of another name in each version', async () => {
    const [job] = of(await objects(kafkaDesk), 'Job')
    expect(job).toMatchObject({ metadata: { name: 'desk-features-v1' }, spec: { parallelism: 2, completions: 2 } })
    expect(job!.spec.template.spec.containers[0]!.args).not.toContain('--follow')
  })

  test('no pod may do more than its work: no root, no rights, nothing written, no word with the cluster', async () => {
    for (const text of [kafkaDesk, embeddedDesk]) {
      const pods = (await objects(text)).filter(({ spec }) => spec?.template !== undefined)
      expect(pods.length).toBeGreaterThan(0)
      for (const { spec } of pods) {
        expect(spec.template.spec).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
        })
        for (const { securityContext } of spec.template.spec.containers) {
          expect(securityContext).toEqual({
            ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          })
        }
      }
    }
  })

  test('secrets stand in no file: what is in Secrets is referred to, what is elsewhere is a key of one', async () => {
    const envOf = async (text: string) =>
      of(await objects(text), 'Deployment')[0]!.spec.template.spec.containers[0]!.env
    const name = 'SMARTSPEED_SASL_PASSWORD'
    expect(await envOf(kafkaDesk)).toEqual([
      { name, valueFrom: { secretKeyRef: { name: 'kafka-user', key: 'password' } } },
    ])
    process.env.DESK_PASSWORD = 'hunter2'
    const text = kafkaDesk.replace('{ secret: { name: kafka-user, key: password } }', '{ env: DESK_PASSWORD }')
    expect(await envOf(text)).toEqual([{ name, valueFrom: { secretKeyRef: { name: 'desk-secrets', key: name } } }])
    expect([...filesOf(await versionOf(text, 'kubernetes')).values()].join()).not.toContain('hunter2')
    delete process.env.DESK_PASSWORD
  })

  test('members follow the rows that wait, up to one a task; nodes are drained one member at a time', async () => {
    const all = await objects(kafkaDesk)
    expect(of(all, 'HorizontalPodAutoscaler')).toMatchObject([
      {
        spec: {
          ...{ scaleTargetRef: { kind: 'Deployment', name: 'desk-maker' }, minReplicas: 2, maxReplicas: 3 },
          metrics: [
            { external: { metric: { name: 'smartspeed_task_lag_rows', selector: { matchLabels: { run: 'maker' } } } } },
          ],
        },
      },
    ])
    // Who sets their number then is the autoscaler alone.
    expect(of(all, 'Deployment')[0]!.spec.replicas).toBe(undefined)
    expect(of(all, 'PodDisruptionBudget')).toMatchObject([{ spec: { maxUnavailable: 1 } }])
  })

  test('pods reach brokers, the registry and names, and nothing else; metrics come in', async () => {
    const [policy] = of(await objects(kafkaDesk), 'NetworkPolicy')
    expect(policy!.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: 9464 }] }],
      egress: [{ ports: [{ port: 53 }, { port: 53 }] }, { ports: [{ port: 8080 }, { port: 9093 }] }],
    })
    expect(of(await objects(embeddedDesk), 'NetworkPolicy')[0]!.spec.egress).toEqual([])
  })

  test('the embedded log is the volume of one pod, in which all its pipelines are', async () => {
    const all = await objects(embeddedDesk)
    const [set] = of(all, 'StatefulSet')
    expect(set!.spec).toMatchObject({ replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'topics' } }] })
    const { containers, shareProcessNamespace } = set!.spec.template.spec
    expect(shareProcessNamespace).toBe(true)
    expect(containers.map(({ args }) => args.join(' '))).toEqual([
      expect.stringMatching(/run \S+lone\.yaml .*--follow --http 0\.0\.0\.0:9464 --dir \/var\/lib\/smartspeed$/),
      expect.stringMatching(/run \S+second\.yaml .*--follow --http 0\.0\.0\.0:9465 --dir \/var\/lib\/smartspeed$/),
    ])
    expect(of(all, 'HorizontalPodAutoscaler')).toEqual([])
  })

  test('another config is another ConfigMap and another pod, and the same config is the same', async () => {
    const [seven, eight] = await Promise.all(
      [7, 8].map((seed) => objects(kafkaDesk.replace('tasks: 4', `tasks: 4\n    seed: ${seed}`))),
    )
    const configs = (all: Documents[]) => of(all, 'ConfigMap').map(({ metadata }) => metadata.name)
    const annotations = (all: Documents[]) => of(all, 'Job')[0]!.spec.template.metadata.annotations
    expect(configs(seven!)[0]).toBe(configs(eight!)[0])
    expect(configs(seven!)[1]).not.toBe(configs(eight!)[1])
    expect(annotations(seven!)).not.toEqual(annotations(eight!))
  })

  test('what a cluster cannot have from here is refused, with what to write', async () => {
    await expect(objects(composeDesk)).rejects.toThrow('a cluster has its own')
    const mixed = embeddedDesk.replace('mode: paper', 'mode: backtest')
    await expect(objects(mixed)).rejects.toThrow('all are in one pod, which ends or does not')
  })
})

interface Compose {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly configs: Readonly<Record<string, { readonly content?: string }>>
  readonly secrets: object
}

describe('Compose', () => {
  const composeOf = async (text: string): Promise<Compose> => {
    const file = filesOf(await versionOf(text, 'compose')).get('compose.yaml')!
    return documentsOf(file)[0] as unknown as Compose
  }

  test('has the pipelines, hardened, and the servers of deploy/compose.yaml that are asked for', async () => {
    const { services, configs, secrets } = await composeOf(composeDesk)
    expect(Object.keys(services)).toEqual([
      ...['maker-v1', 'features-v1', 'lag', 'kafka', 'registry', 'prometheus', 'grafana'],
    ])
    expect(services['maker-v1']).toMatchObject({
      ...{ user: '10001:10001', read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      ...{ restart: 'unless-stopped', depends_on: { kafka: { condition: 'service_healthy' } } },
      environment: { SMARTSPEED_SASL_PASSWORD_FILE: '/run/secrets/SMARTSPEED_SASL_PASSWORD' },
      deploy: { replicas: 2, resources: { limits: { cpus: '1.5', memory: '1G' } } },
    })
    expect(services['features-v1']!.restart).toBe('on-failure')
    expect(configs.maker!.content).toContain('name: momentum-breakout')
    expect(secrets).toEqual({ SMARTSPEED_SASL_PASSWORD: { environment: 'DESK_PASSWORD' } })
  })

  test('Prometheus finds every process by the names of services, and has the rules and dashboards of the repository', async () => {
    const files = filesOf(await versionOf(composeDesk, 'compose'))
    const config = documentsOf(files.get('prometheus/prometheus.yml')!)[0] as unknown as { scrape_configs: object[] }
    expect(config.scrape_configs).toMatchObject([
      { dns_sd_configs: [{ names: ['maker-v1', 'features-v1'], port: 9464 }] },
      { dns_sd_configs: [{ names: ['lag'], port: 9465 }] },
      { job_name: 'prometheus' },
    ])
    for (const folder of ['prometheus/rules', 'grafana/provisioning', 'grafana/dashboards']) {
      const names = readdirSync(join(root, 'deploy', folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.\w+$/.test(name),
      )
      for (const name of names)
        expect(files.get(join(folder, name))).toBe(readFileSync(join(root, 'deploy', folder, name), 'utf8'))
    }
  })

  test('a $ in a topology is text, not a variable', async () => {
    const text = embeddedDesk
      .replace('{ name: sma-cross }', '{ name: sma-cross }\n    symbols: ["$HOME"]')
      .replace(/ {2}- name: second\n( {4}.*\n)+/, '')
    expect((await composeOf(text)).configs.lone!.content).toContain('$$HOME')
  })

  test('what containers cannot share is refused', async () => {
    await expect(composeOf(embeddedDesk)).rejects.toThrow('containers cannot share the embedded log')
    await expect(composeOf(kafkaDesk)).rejects.toThrow('Compose has no Secret of Kubernetes')
  })
})

describe('manifests in a folder', { timeout: 300_000 }, () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'smartspeed-manifests-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const how = (target: Target): How => ({ dir, target, out: join(dir, 'out'), program: [], note: () => {} })

  test('are written by apply, are the same again, and are planned file by file; what a version no longer has is deleted', async () => {
    const desk = await readDeployment(kafkaDesk, 'desk.yaml')
    const planned = await plan(desk, how('kubernetes'))
    expect(planned.changes.filter(({ kind }) => kind === 'file')).toHaveLength(6)
    expect(readdirSync(dir)).toEqual([])
    expect(await apply(desk, how('kubernetes'))).toEqual(planned)
    expect(await apply(desk, how('kubernetes'))).toEqual({ changes: [], version: 1 })
    writeFileSync(join(dir, 'out/mine.yaml'), 'kind: Mine')
    const less = await readDeployment(kafkaDesk.replace(/ {2}- name: features\n( {4}.*\n)+/, ''), 'desk.yaml')
    const { changes, version } = await apply(less, how('kubernetes'))
    expect(version).toBe(2)
    expect(changes).toMatchObject([
      { action: 'remove', kind: 'pipeline', name: 'features' },
      { action: 'update', kind: 'file', name: expect.stringContaining('config.yaml') },
      { action: 'update', kind: 'file', name: expect.stringContaining('kustomization.yaml') },
      { action: 'remove', kind: 'file', name: expect.stringContaining('pipeline-features.yaml') },
    ])
    expect(readdirSync(join(dir, 'out')).sort()).toEqual([
      ...['account.yaml', 'config.yaml', 'kustomization.yaml', 'mine.yaml', 'network.yaml', 'pipeline-maker.yaml'],
    ])
  })

  test('need a folder', async () => {
    const desk = await readDeployment(kafkaDesk, 'desk.yaml')
    await expect(plan(desk, { ...how('kubernetes'), out: undefined })).rejects.toThrow('say where with -o DIR')
  })

  describeWith('validators', 'checked by what others use', () => {
    const written = async (text: string, target: Target) => {
      await apply(await readDeployment(text, 'desk.yaml'), how(target))
      return join(dir, 'out')
    }
    const check = (program: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(program, args, {
        encoding: 'utf8',
        env: { ...process.env, DESK_PASSWORD: 'x' },
      })
      return { status, said: stdout + stderr }
    }
    const validate = (out: string) => {
      const files = readdirSync(out)
        .filter((name) => name !== 'kustomization.yaml')
        .map((name) => join(out, name))
      return check(kubernetesValidate, '--strict', '--quiet', '--kubernetes-version', '1.34', ...files)
    }

    test.each([
      ['of Kafka', kafkaDesk],
      ['of the embedded log', embeddedDesk],
      ['of the embedded log that end', embeddedDesk.replaceAll('mode: paper', 'mode: backtest')],
    ])('Kubernetes objects %s fit its own JSON schemas, with no field that those do not know', async (_, text) => {
      const out = await written(text, 'kubernetes')
      expect(validate(out)).toEqual({ status: 0, said: '' })
      // The check itself sees what is wrong.
      const path = readdirSync(out).find((name) => /pipeline-maker|lone/.test(name))!
      const wrong = readFileSync(join(out, path), 'utf8').replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem')
      writeFileSync(join(out, path), wrong)
      expect(validate(out)).toMatchObject({ status: 1, said: expect.stringContaining('readOnlyRootFileSystem') })
    })

    test('the Compose file is loaded by Compose, and one with a wrong key is not', async () => {
      const path = join(await written(composeDesk, 'compose'), 'compose.yaml')
      expect(check(dockerCheck, 'compose', path)).toEqual({ status: 0, said: '' })
      writeFileSync(path, readFileSync(path, 'utf8').replace('read_only', 'readonly'))
      expect(check(dockerCheck, 'compose', path)).toMatchObject({
        status: 1,
        said: expect.stringContaining('readonly'),
      })
    })

    test('the Dockerfile passes the linter of BuildKit', () => {
      expect(check(dockerCheck, 'dockerfile', join(root, 'Dockerfile'))).toEqual({ status: 0, said: '' })
    })
  })
})
