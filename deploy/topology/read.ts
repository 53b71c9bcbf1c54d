// A deployment from a YAML text: what it says, what is wrong with it and on which line.
import { dirname, isAbsolute, join } from 'node:path'
import { topologySchema } from '../../pipelines/config.ts'
import { parseConfig } from '../../pipelines/config-errors.ts'
import { placeIn, readYaml } from '../../pipelines/topology.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { checkDeployment } from './checks.ts'
import { type Deployment, deploymentSchema } from './schema.ts'

/**
 * The deployment that a YAML text describes. A plain topology, as `backtest` takes it, is a deployment of one pipeline that is called
 * as its file is. Files that it names are found beside it.
 * @throws SmartspeedError CONFIG_INVALID, UNKNOWN_NAME or FILE_MISSING with file, line, key, value, what is allowed and the nearest name
 */
export async function readDeployment(text: string, file: string): Promise<Deployment> {
  const { value, lineOf } = readYaml(text, file, 'a deployment is keys and values, see docs/deployment.schema.json')
  const plain = isPlain(value)
  const input = plain ? ofTopology(value, file) : value
  // Of a plain file, a pipeline's keys stand at the top.
  const inFile = (path: readonly PropertyKey[]) => (plain && path[0] === 'pipelines' ? path.slice(2) : path)
  const place = placeIn(file, lineOf)
  const where = (path: readonly PropertyKey[]) => place(inFile(path))
  const deployment = beside(parseConfig(deploymentSchema, input ?? {}, { what: 'deployment', where }), dirname(file))
  try {
    await checkDeployment(deployment)
  } catch (error) {
    if (!(error instanceof SmartspeedError)) throw error
    const { code, message, fix, at = [] } = error
    throw new SmartspeedError(code, `${where(at)}${message}`, { cause: error, fix })
  }
  return deployment
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('pipelines' in value)
}

/** Keys of a topology are its pipeline's; `engine` and `dir`, and those that no topology has, stay where they are. */
function ofTopology(topology: Record<string, unknown>, file: string): unknown {
  const own = Object.keys(topologySchema.shape).filter((key) => key !== 'engine' && key !== 'dir')
  const isOwn = ([key]: [string, unknown]) => own.includes(key) || pipelineKeys.includes(key)
  const entries = Object.entries(topology)
  const name = topology.name ?? nameOf(file)
  return {
    name,
    ...Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    pipelines: [{ name, ...Object.fromEntries(entries.filter(isOwn)) }],
  }
}

const pipelineKeys = ['mode', 'tasks', 'replicas', 'resources']

/** `./My Maker.yaml` → `my-maker`. */
function nameOf(file: string): string {
  const base = file
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.[^.]*$/, '')
  return base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40)
}

/** Strategy files and secret files by their full paths: processes are started in another folder. */
function beside(deployment: Deployment, folder: string): Deployment {
  const full = (path: string) => (isAbsolute(path) ? path : join(process.cwd(), folder, path))
  const strategy = <S extends { readonly name: string }>(one: S): S =>
    /^\.{0,2}[\\/]/.test(one.name) ? { ...one, name: full(one.name) } : one
  return {
    ...deployment,
    kafka: { ...deployment.kafka, ...(deployment.kafka.tlsCa && { tlsCa: full(deployment.kafka.tlsCa) }) },
    secrets: Object.fromEntries(
      Object.entries(deployment.secrets).map(([name, one]) => [name, 'file' in one ? { file: full(one.file) } : one]),
    ),
    pipelines: deployment.pipelines.map((one) => ({
      ...one,
      ...(one.strategy === undefined ? {} : { strategy: strategy(one.strategy) }),
      ...(one.strategies === undefined ? {} : { strategies: one.strategies.map(strategy) }),
    })),
  }
}
