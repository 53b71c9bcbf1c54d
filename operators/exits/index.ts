// The exits by name. A new one is a file beside this and one line in the list.
import { namedIn } from '../../schemas/errors.ts'
import type { Instrument } from '../instrument.ts'
import { parseObject } from '../strategies/parameters.ts'
import type { Exit, RunningExit } from './exit.ts'
import { portfolio } from './portfolio.ts'
import { stop } from './stop.ts'
import { time } from './time.ts'
import { trailing } from './trailing.ts'

export { ExitWatch } from './watch.ts'

export const exits: readonly Exit[] = [stop, trailing, time, portfolio]

/** An exit by its name, with its parameters beside it. */
export interface ExitConfig {
  readonly name: string
  readonly [parameter: string]: unknown
}

interface ChosenExit {
  readonly exit: Exit
  readonly params: unknown
}

/** The exits of a config with their parameters. @throws SmartspeedError UNKNOWN_NAME with the nearest exit, CONFIG_INVALID for its parameters */
export function exitsOf(configs: readonly ExitConfig[]): ChosenExit[] {
  return configs.map(({ name, ...params }, number) => {
    const at = ['exits', String(number)]
    const exit = namedIn(exits, { kind: 'exit', name, at: [...at, 'name'] })
    return { exit, params: parseObject(exit.parameters, params, `exit ${name}`, at) }
  })
}

/** The exits of a config at work, by name. @throws SmartspeedError as `exitsOf` */
export function createExits(configs: readonly ExitConfig[], instruments: readonly Instrument[]): RunningExit[] {
  return exitsOf(configs).map(({ exit, params }) => exit.create(params, instruments))
}
