// The execution algorithms by name. A new one is a file beside this and one line in the list.
import { namedIn, SmartspeedError } from '../../schemas/errors.ts'
import { parseObject } from '../strategies/parameters.ts'
import { adaptiveLimit } from './adaptive-limit.ts'
import type { Algorithm } from './algorithm.ts'
import { iceberg } from './iceberg.ts'
import { participation } from './participation.ts'
import { type RouterParameters, router } from './router.ts'
import { twap } from './twap.ts'
import { vwap } from './vwap.ts'

export { Parents, type ParentsOptions } from './parents.ts'

export const algorithms: readonly Algorithm[] = [twap, vwap, participation, iceberg, adaptiveLimit, router]

/** An algorithm by its name, with its parameters beside it. */
export interface AlgorithmConfig {
  readonly name: string
  readonly [parameter: string]: unknown
}

export interface ChosenAlgorithm {
  readonly algorithm: Algorithm
  readonly params: unknown
  /** Where children go to several exchanges. */
  readonly routing: RouterParameters | undefined
}

/**
 * The algorithm of a config such as `{ name: 'twap', minutes: 10 }`, or of a list of two, of which the second is the router.
 * @throws SmartspeedError UNKNOWN_NAME with the nearest algorithm; CONFIG_INVALID for its parameters, and for two that do not go together
 */
export function algorithmOf(config: AlgorithmConfig | readonly AlgorithmConfig[]): ChosenAlgorithm {
  const isList = Array.isArray(config)
  const configs = (isList ? config : [config]) as readonly AlgorithmConfig[]
  const chosen = configs.map(({ name, ...params }, number) => {
    const at = isList ? ['execution', String(number)] : ['execution']
    const algorithm = namedIn(algorithms, { kind: 'execution algorithm', name, at: [...at, 'name'] })
    return { algorithm, params: parseObject(algorithm.parameters, params, `execution ${name}`, at) }
  })
  const [first, second] = chosen
  const fits =
    chosen.length === 1 ||
    (chosen.length === 2 && !first!.algorithm.rests && !first!.algorithm.routes && second!.algorithm.routes)
  if (!fits) {
    const names = chosen.map(({ algorithm }) => algorithm.name).join(', ')
    throw new SmartspeedError(
      'CONFIG_INVALID',
      `execution = [${names}]; allowed: one algorithm, or one whose children take (twap, vwap, participation) and the router`,
      { fix: 'execution: [{name: twap}, {name: router}]', at: ['execution'] },
    )
  }
  const routing = chosen.find(({ algorithm }) => algorithm.routes)?.params as RouterParameters | undefined
  return { ...first!, routing }
}
