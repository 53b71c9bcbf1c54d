// A strategy by name, or from a file outside the repository: its bytes enter the code hash.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { strategyOf } from '../operators/strategies/index.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { codeHash } from './code-hash.ts'

export interface FoundStrategy {
  readonly strategy: Strategy
  /** Absolute path of the file, for a strategy from outside. */
  readonly file: string | undefined
  readonly codeHash: string
}

/**
 * The strategy of that name, or the one that a `./path.ts` exports as default.
 * @throws SmartspeedError UNKNOWN_NAME with the nearest name, FILE_MISSING, CONFIG_INVALID when the file exports no strategy
 */
export async function findStrategy(name: string): Promise<FoundStrategy> {
  if (!/[./\\]/.test(name)) return { strategy: strategyOf(name), file: undefined, codeHash: codeHash() }
  const file = resolve(name)
  if (!existsSync(file)) {
    throw new SmartspeedError('FILE_MISSING', `there is no strategy file ${name}`, {
      fix: 'docs/add-a-strategy.md shows one in full',
    })
  }
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const strategy = module.default ?? Object.values(module).find(isStrategy)
  if (!isStrategy(strategy)) {
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `${name} exports no strategy: an object with name, parameters, create`,
      {
        fix: 'docs/add-a-strategy.md shows one in full',
      },
    )
  }
  return { strategy, file, codeHash: codeHash([file]) }
}

function isStrategy(value: unknown): value is Strategy {
  const one = value as Partial<Strategy> | undefined
  return typeof one === 'object' && typeof one?.name === 'string' && typeof one.create === 'function'
}
