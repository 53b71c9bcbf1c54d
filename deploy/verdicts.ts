// What validation calls luck is not deployed, unless somebody answers for it with a reason that is written down.
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { admit } from '../pipelines/study/verdict.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { type EngineOptions, openTopics } from '../topics/index.ts'
import type { How } from './acts.ts'
import type { Deployment } from './topology/schema.ts'

/** The same, with a reason for each pipeline that has none of its own. */
export function answeredFor(deployment: Deployment, reason: string | undefined): Deployment {
  if (reason === undefined) return deployment
  const pipelines = deployment.pipelines.map((one) => ({ ...one, override: one.override ?? reason }))
  return { ...deployment, pipelines }
}

/**
 * Looks for red verdicts in the logs of the folder. Those that are kept on Kafka are looked for when its brokers are reached: by
 * `admitThere`, and by each process that trades.
 * @throws SmartspeedError VERDICT_RED
 */
export async function admitHere(deployment: Deployment, { dir }: Pick<How, 'dir'>): Promise<void> {
  const folders = new Set([resolve(dir), resolve(deployment.dir ?? dir)])
  for (const folder of folders) await admitThere(deployment, { dir: folder })
}

/** How long a broker is waited for, ms. */
const patientMs = 1000

/** Whether any of them takes a connection. */
async function isReached(brokers: readonly string[]): Promise<boolean> {
  const tries = brokers.map((broker) => {
    const [host, port] = [broker.slice(0, broker.lastIndexOf(':')), Number(broker.slice(broker.lastIndexOf(':') + 1))]
    return new Promise<boolean>((resolve) => {
      const socket = connect({ host, port, timeout: patientMs })
      const end = (reached: boolean) => {
        socket.destroy()
        resolve(reached)
      }
      socket.once('connect', () => end(true))
      socket.once('timeout', () => end(false))
      socket.once('error', () => end(false))
    })
  })
  return (await Promise.all(tries)).includes(true)
}

/**
 * Looks for them in one place. Where there is no log yet nothing was validated; brokers that do not answer are asked by each process that trades.
 * @throws SmartspeedError VERDICT_RED
 */
export async function admitThere(deployment: Deployment, place: EngineOptions & { engine?: string }): Promise<void> {
  if (place.brokers !== undefined && !(await isReached(place.brokers))) return
  let topics: Awaited<ReturnType<typeof openTopics>>
  try {
    topics = await openTopics({ ...place, readOnly: true })
  } catch (error) {
    if (error instanceof SmartspeedError && error.code === 'NO_DATA') return
    throw error
  }
  try {
    for (const { name, pipeline, strategy, strategies, exchange, symbols, override } of deployment.pipelines) {
      if (pipeline !== 'trading') continue
      const own = strategies ?? (strategy === undefined ? [] : [strategy])
      try {
        await admit(topics, { exchange, symbols, strategies: own }, override)
      } catch (error) {
        if (!(error instanceof SmartspeedError)) throw error
        throw new SmartspeedError(error.code, `pipeline ${name}: ${error.message}`, { cause: error, ...fixOf(error) })
      }
    }
  } finally {
    await topics.close()
  }
}

function fixOf({ fix }: SmartspeedError) {
  return fix === undefined ? {} : { fix }
}

/** A line for each pipeline that somebody answers for. */
export function overridesOf({ pipelines }: Deployment): string[] {
  return pipelines.flatMap(({ name, override }) => (override === undefined ? [] : [`${name}: ${override}`]))
}
