// A strategy by name, or from a file outside the repository: its bytes enter the code hash.
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { strategyOf } from '../operators/strategies/index.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { codeHash, fileHash } from './code-hash.ts'

export interface FoundStrategy {
  readonly strategy: Strategy
  /** Absolute path of the file, for a strategy from outside. */
  readonly file: string | undefined
  /** Of that file and what it imports: the strategy apart from the program that runs it. */
  readonly fileHash: string | undefined
  readonly codeHash: string
}

/**
 * The strategy of that name, or the one that a `./path.ts` exports as default.
 * @throws SmartspeedError UNKNOWN_NAME with the nearest name, FILE_MISSING, CONFIG_INVALID when the file exports no strategy
 */
export async function findStrategy(name: string): Promise<FoundStrategy> {
  if (!/[./\\]/.test(name))
    return { strategy: strategyOf(name), file: undefined, fileHash: undefined, codeHash: codeHash() }
  const file = resolve(name)
  if (!existsSync(file)) {
    throw new SmartspeedError('FILE_MISSING', `there is no strategy file ${name}`, {
      fix: 'docs/add-a-strategy.md shows one in full',
    })
  }
  const found = Object.values(await imported(name, file)).find(isStrategy)
  if (found === undefined) {
    throw new SmartspeedError('CONFIG_INVALID', `${name} exports no strategy: an object made by defineStrategy`, {
      fix: 'docs/add-a-strategy.md shows one in full',
    })
  }
  return { strategy: found, file, fileHash: fileHash(file), codeHash: codeHash([file]) }
}

/** What the file exports, its default first. */
async function imported(name: string, file: string): Promise<Record<string, unknown>> {
  knowOurName()
  try {
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    return { default: module.default, ...module }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SmartspeedError('CONFIG_INVALID', `${name} cannot be loaded: ${why}`, {
      cause,
      fix: "import only from 'smartspeed' and from files beside it; docs/add-a-strategy.md shows one in full",
    })
  }
}

let known = false

/** `import … from 'smartspeed'` means this very program also for files in other folders, where no package of that name is installed. */
function knowOurName(): void {
  if (known) return
  known = true
  const url = new URL('../operators/strategies/authoring.ts', import.meta.url).href
  registerHooks({ resolve: (name, context, next) => next(name === 'smartspeed' ? url : name, context) })
}

function isStrategy(value: unknown): value is Strategy {
  const one = value as Partial<Strategy> | null | undefined
  return (
    typeof one === 'object' &&
    typeof one?.name === 'string' &&
    typeof one.create === 'function' &&
    typeof one.warmup === 'function' &&
    typeof one.parameters?.safeParse === 'function'
  )
}
