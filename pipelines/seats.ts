// Who trades in a run: strategies with their parameters, each with an account of its own.
import { parseParameters } from '../operators/strategies/parameters.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { codeHash } from './code-hash.ts'
import type { StrategyConfig, Topology } from './config.ts'
import { findStrategy } from './strategy-file.ts'

/** A strategy at its account; `params` are parsed. */
export interface Seat {
  readonly strategy: Strategy
  readonly params: Record<string, unknown>
  readonly account: StrategyConfig['account']
  /** Of the bars that it sees, where they are not the run's. */
  readonly interval?: string | undefined
  /** Where the strategy's file is, when it is not one of ours. */
  readonly file: string | undefined
}

/** What a run keeps of a seat: plain JSON. */
export interface SeatAbout {
  readonly strategy: string
  readonly params: Readonly<Record<string, unknown>>
  readonly account: StrategyConfig['account']
  readonly interval?: string | undefined
  readonly file?: string | undefined
}

/**
 * The seats of a topology, and the hash of the code that runs them: ours, and the bytes of strategies from outside.
 * @throws SmartspeedError as `findStrategy` and `parseParameters`
 */
export async function findSeats({
  strategies,
}: Pick<Topology, 'strategies'>): Promise<{ seats: Seat[]; codeHash: string }> {
  const found = await Promise.all(strategies.map(({ name }) => findStrategy(name)))
  const seats = strategies.map((config, at) => seatOf(config, found[at]!))
  const files = [...new Set(seats.flatMap(({ file }) => file ?? []))]
  return { seats, codeHash: codeHash(files) }
}

/** The seats that a run was begun with. @throws SmartspeedError as `findSeats` */
export function seatsAgain(seats: readonly SeatAbout[]): Promise<{ seats: Seat[]; codeHash: string }> {
  return findSeats({ strategies: seats.map(({ strategy, file, ...rest }) => ({ ...rest, name: file ?? strategy })) })
}

/** @throws SmartspeedError CONFIG_INVALID for parameters that the strategy does not take */
export function seatOf(
  { params, account, interval }: StrategyConfig,
  { strategy, file }: { readonly strategy: Strategy; readonly file?: string | undefined },
): Seat {
  return { strategy, params: parseParameters(strategy, params), account, interval, file }
}

export function aboutSeats(seats: readonly Seat[]): SeatAbout[] {
  return seats.map(({ strategy, params, account, interval, file }) => {
    const own = interval === undefined ? {} : { interval }
    return { strategy: strategy.name, params, account, ...own, ...(file === undefined ? {} : { file }) }
  })
}
