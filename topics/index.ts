// The engines, by name. A new engine is one line here, its folder, and its call of tests/conformance/topics.ts.
import { unknownName } from '../schemas/errors.ts'
import { openEmbedded } from './embedded/embedded.ts'
import type { Topics } from './topics.ts'

export interface EngineOptions {
  /** Folder of the embedded log. */
  readonly dir: string
  readonly readOnly?: boolean
}

const engines: Readonly<Record<string, (options: EngineOptions) => Promise<Topics>>> = {
  embedded: ({ dir, readOnly }) => openEmbedded(dir, { readOnly }),
}

export const engineNames: readonly string[] = Object.keys(engines)

/** Opens the topics of an engine. @throws SmartspeedError UNKNOWN_NAME, and what the engine's own `open` says */
export function openTopics(options: EngineOptions & { engine?: string }): Promise<Topics> {
  const { engine = 'embedded' } = options
  const open = Object.hasOwn(engines, engine) ? engines[engine] : undefined
  if (open === undefined) throw unknownName('engine', engine, engineNames)
  return open(options)
}
