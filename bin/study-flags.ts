// The flags of a study, which `sweep` and `validate` share.
import type { Command } from 'commander'
import type { Objective } from '../pipelines/study/about.ts'
import { SmartspeedError, unknownName } from '../schemas/errors.ts'
import { parseWhole } from './options.ts'
import { parametersOf, type TradingFlags, topologyOf, withTradingFlags } from './trading-flags.ts'

export interface StudyFlags extends TradingFlags {
  grid: string[]
  search: string
  trials?: string
  objective: string
  top: string
  workers?: string
  tasks?: string
  replay?: boolean
  sessionMs?: string
}

/** Adds them. */
export function withStudyFlags(command: Command): Command {
  const list = (value: string, before: string[]) => [...before, value]
  return withTradingFlags(command)
    .option('--grid <axis>', 'values of a parameter: fast=2:101, size=0.1:1:0.1, mode=a,b; may be repeated', list, [])
    .option('--search <name>', 'grid, random, tpe, halving or pareto', 'grid')
    .option('--trials <n>', 'how many trials a search makes that is no grid (200)')
    .option('--objective <name>', 'what is best: sharpe, totalReturn, calmar or drawdown', 'sharpe')
    .option('--top <n>', 'how many of the best are shown, and traded again by the graph', '10')
    .option('--workers <n>', 'processes of this machine that trade trials; all cores when left out')
    .option('--tasks <n>', 'parts that a new study is cut into, for as many machines (on Kafka)')
    .option('--replay', 'by the event-driven graph alone')
}

/** What a study is asked by. @throws SmartspeedError as `topologyOf`; CONFIG_INVALID, USAGE, UNKNOWN_NAME */
export async function studyWishOf(file: string | undefined, flags: StudyFlags, command: string) {
  const { objectives } = await import('../pipelines/study/about.ts')
  if (flags.grid.length === 0) {
    throw new SmartspeedError('USAGE', `${command} needs an axis at least: --grid NAME=VALUES`, {
      fix: `smartspeed ${command} --help shows an example`,
    })
  }
  if (!(objectives as readonly string[]).includes(flags.objective)) {
    throw unknownName('objective', flags.objective, objectives)
  }
  const fixed = parametersOf(flags.set)
  const twice = flags.grid.map((axis) => axis.split('=')[0]!).find((name) => Object.hasOwn(fixed, name))
  if (twice !== undefined) {
    throw new SmartspeedError('USAGE', `${twice} is an axis and set to one value: which of the two?`, {
      fix: `leave --grid ${twice} or --set ${twice} out`,
    })
  }
  const whole = (key: string, text: string | undefined, most: number) =>
    text === undefined ? undefined : parseWhole(key, text, 1, most)
  return {
    ...flags,
    topology: await topologyOf(file, flags, { command }),
    search: {
      ...{ name: flags.search, axes: flags.grid, trials: whole('--trials', flags.trials, 10_000_000) },
      seed: flags.seed === undefined ? 1 : parseWhole('--seed', flags.seed, 0),
    },
    ...{ objective: flags.objective as Objective, top: parseWhole('--top', flags.top, 1, 10_000) },
    ...{ workers: whole('--workers', flags.workers, 1024), tasks: whole('--tasks', flags.tasks, 1000) },
    sessionMs: undefined,
  }
}
