// What no schema says of a deployment: names that must exist, numbers that must fit each other.
import { exchangeOf } from '../../connectors/exchanges/index.ts'
import { algorithmOf } from '../../operators/algorithms/index.ts'
import { parseInterval } from '../../operators/bars/interval.ts'
import { exitsOf } from '../../operators/exits/index.ts'
import { parseFlashCrash } from '../../operators/flash-crash/config.ts'
import { runningChecks } from '../../operators/risk/index.ts'
import { rulesOf } from '../../operators/sizing/index.ts'
import { parseParameters } from '../../operators/strategies/parameters.ts'
import { parseTopology, type Topology, type TopologyInput } from '../../pipelines/config.ts'
import { findStrategy } from '../../pipelines/strategy-file.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { type Deployment, type Pipeline, tasksOf } from './schema.ts'

/** Names that runs of ours have: what imports remember, the market, and what deployments write down. */
const reserved = /^(import|market|deploy-.*)$/

/** @throws SmartspeedError CONFIG_INVALID, UNKNOWN_NAME, FILE_MISSING; `at` says which key is wrong */
export async function checkDeployment(deployment: Deployment): Promise<void> {
  checkEngine(deployment)
  checkUsers(deployment)
  for (const [index, pipeline] of deployment.pipelines.entries()) {
    const at = ['pipelines', String(index)]
    if (deployment.pipelines.findIndex(({ name }) => name === pipeline.name) < index) {
      refuse([...at, 'name'], `pipelines.${index}.name = "${pipeline.name}": another pipeline is called so`, {
        fix: `give it a name of its own: ${pipeline.name}-2`,
      })
    }
    checkPipeline(deployment, pipeline, at)
    await within(at, () => checkTrading(pipeline))
  }
}

function checkEngine({ engine, kafka, services, dir }: Deployment): void {
  const has = (name: Deployment['services'][number]) => services.includes(name)
  if (engine === 'embedded') {
    const key = (['brokers', 'registry'] as const).find((one) => kafka[one] !== undefined)
    if (key !== undefined) {
      refuse(['kafka', key], `kafka.${key} is given, and engine = "embedded" has none`, { fix: 'engine: kafka' })
    }
    const at = services.findIndex((one) => one === 'kafka' || one === 'registry')
    if (at === -1) return
    refuse(['services', String(at)], `services.${at} = "${services[at]}": engine = "embedded" does not use it`, {
      fix: 'engine: kafka',
    })
  }
  if (dir !== undefined)
    refuse(['dir'], `dir = "${dir}": topics of engine = "kafka" are in no folder`, { fix: 'leave it out' })
  if (kafka.brokers === undefined && !has('kafka')) {
    refuse(['engine'], 'engine = "kafka", and neither kafka.brokers nor the service kafka is named', {
      fix: 'kafka: {brokers: ["127.0.0.1:9092"]}, or services: [kafka, registry]',
    })
  }
  if (kafka.registry === undefined && !has('registry')) {
    refuse(['engine'], 'engine = "kafka", and neither kafka.registry nor the service registry is named', {
      fix: 'kafka: {registry: "http://127.0.0.1:8081/apis/ccompat/v7"}, or services: [kafka, registry]',
    })
  }
}

/** Users have passwords, and those are secrets. */
function checkUsers({ kafka, secrets }: Deployment): void {
  if ((kafka.saslMechanism === undefined) !== (kafka.saslUsername === undefined)) {
    const has = kafka.saslMechanism === undefined ? 'saslUsername' : 'saslMechanism'
    refuse(['kafka', has], `kafka.${has} is given alone: a user of the brokers has a name and a mechanism`, {
      fix: 'saslMechanism: SCRAM-SHA-512 and saslUsername: NAME',
    })
  }
  for (const [key, secret] of [
    ['saslUsername', 'SMARTSPEED_SASL_PASSWORD'],
    ['registryUsername', 'SMARTSPEED_REGISTRY_PASSWORD'],
  ] as const) {
    if (kafka[key] === undefined || secrets[secret] !== undefined) continue
    refuse(['kafka', key], `kafka.${key} = "${kafka[key]}": the secret ${secret} is not named`, {
      fix: `secrets: {${secret}: {env: DESK_PASSWORD}}`,
    })
  }
}

function checkPipeline({ engine }: Deployment, pipeline: Pipeline, at: readonly string[]): void {
  const { name, replicas, tasks, mode, to, risk, exchange } = pipeline
  const say = (key: string, seen: unknown) => `${at.join('.')}.${key} = ${JSON.stringify(seen)}`
  if (reserved.test(name)) {
    refuse([...at, 'name'], `${say('name', name)}: runs of that name are the product's own`, {
      fix: 'import, market and deploy-… are taken: choose another name',
    })
  }
  if (engine === 'embedded' && replicas > 1) {
    refuse(
      [...at, 'replicas'],
      `${say('replicas', replicas)}: on engine = "embedded" one process works on all tasks of a run`,
      {
        fix: 'replicas: 1, or engine: kafka',
      },
    )
  }
  const most = tasksOf(pipeline)
  if (pipeline.pipeline === 'trading' && tasks !== undefined && tasks !== most) {
    const are = most === 1 ? 'there is one account' : `there are ${most} accounts`
    refuse([...at, 'tasks'], `${say('tasks', tasks)}: trading is cut by account, and ${are}`, {
      fix: 'leave it out, or name as many strategies',
    })
  }
  if (most !== undefined && replicas > most) {
    refuse(
      [...at, 'replicas'],
      `${say('replicas', replicas)} is above its ${most} tasks: who has no task does nothing`,
      {
        fix: `replicas: ${most}${pipeline.pipeline === 'trading' ? ', or more strategies: each is a task' : `, or tasks: ${replicas}`}`,
      },
    )
  }
  if (mode === 'paper' && risk === 'off') {
    refuse(
      [...at, 'risk'],
      `${say('risk', risk)}: a paper account never trades without risk checks; allowed: default, or limits by check`,
      {
        fix: 'risk: default',
      },
    )
  }
  if (mode === 'backtest' && pipeline.maxWaitMs !== undefined) {
    refuse([...at, 'maxWaitMs'], `${say('maxWaitMs', pipeline.maxWaitMs)}: mode = "backtest" waits for nobody`, {
      fix: 'leave it out, or mode: paper',
    })
  }
  if (mode === 'paper' && to !== undefined) {
    refuse([...at, 'to'], `${say('to', to)}: mode = "paper" has no end`, { fix: 'leave it out, or mode: backtest' })
  }
  for (const one of exchange?.split(',') ?? []) known([...at, 'exchange'], () => exchangeOf(one.trim()))
}

/** Strategies with their parameters, sizing, limits and bars: what a run would refuse when it starts. */
async function checkTrading(pipeline: Pipeline): Promise<void> {
  const { interval, risk, sizing, exits, execution, flashCrash } = pipeline
  if (interval !== undefined) known(['interval'], () => parseInterval(interval))
  known(['strategies'], () => topologyOf(pipeline))
  runningChecks(risk)
  parseFlashCrash(flashCrash ?? 'off')
  rulesOf(sizing)
  exitsOf(exits ?? [])
  if (execution !== undefined) algorithmOf(execution)
  if (pipeline.pipeline === 'features') return
  const single = pipeline.strategies === undefined
  for (const [index, { name, params }] of (pipeline.strategies ?? [pipeline.strategy!]).entries()) {
    const at = single ? ['strategy'] : ['strategies', String(index)]
    const { strategy } = await within([...at, 'name'], () => findStrategy(name), { replace: true })
    await within(at, async () => parseParameters(strategy, params), { drop: 1 })
  }
}

/** What `run` takes of a pipeline: a topology with its defaults. */
export function topologyOf(pipeline: Pipeline): Topology {
  return parseTopology(topologyInputOf(pipeline))
}

/** As it is written into the topology file of its processes. */
export function topologyInputOf(pipeline: Pipeline): TopologyInput {
  const { name: _, mode: _mode, tasks: _tasks, replicas: _replicas, ...more } = pipeline
  const { resources: _resources, retention: _retention, commitMs: _commit, maxWaitMs: _wait, ...own } = more
  const { override: _override, ...rest } = own
  return rest as TopologyInput
}

function known(at: readonly string[], find: () => unknown): void {
  try {
    find()
  } catch (error) {
    if (!(error instanceof SmartspeedError)) throw error
    refuse(error.at ?? at, error.message, error)
  }
}

/** An error of the work gets the path that leads to it; `drop` words of its own path are left out, or all with `replace`. */
async function within<T>(
  at: readonly string[],
  work: () => Promise<T>,
  { drop = 0, replace = false }: { readonly drop?: number; readonly replace?: boolean } = {},
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SmartspeedError)) throw error
    refuse([...at, ...(replace ? [] : (error.at ?? []).slice(drop))], error.message, error)
  }
}

function refuse(
  at: readonly string[],
  message: string,
  {
    code = 'CONFIG_INVALID',
    fix,
    cause,
  }: { readonly code?: SmartspeedError['code']; readonly fix?: string | undefined; readonly cause?: unknown },
): never {
  throw new SmartspeedError(code, message, { at, ...(fix === undefined ? {} : { fix }), cause })
}
