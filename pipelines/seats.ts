// Who trades in a run: strategies with their parameters, each with an account of its own.
import { parseInterval } from '../operators/bars/interval.ts'
import { parseParameters } from '../operators/strategies/parameters.ts'
import type { Strategy } from '../operators/strategies/strategy.ts'
import { SmartspeedError } from '../schemas/errors.ts'
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
  /** Of that file and what it imports. */
  readonly fileHash?: string | undefined
}

/** What a run keeps of a seat: plain JSON. */
export interface SeatAbout {
  readonly strategy: string
  readonly params: Readonly<Record<string, unknown>>
  readonly account: StrategyConfig['account']
  readonly interval?: string | undefined
  readonly file?: string | undefined
  readonly fileHash?: string | undefined
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
  return findSeats({
    strategies: seats.map(({ strategy, file, fileHash: _, ...rest }) => ({ ...rest, name: file ?? strategy })),
  })
}

/** @throws SmartspeedError CONFIG_INVALID for parameters that the strategy does not take, and an interval that cannot be read */
export function seatOf(
  { params, account, interval }: StrategyConfig,
  { strategy, file, fileHash }: Pick<Seat, 'strategy' | 'fileHash'> & { readonly file?: string | undefined },
): Seat {
  const seat = { strategy, params: parseParameters(strategy, params), account, interval, file, fileHash }
  if (interval !== undefined) sayWhose(seat, () => parseInterval(interval))
  return seat
}

/** What `work` gives; its error about an interval says whose that is: it is nobody's `--interval`. */
export function sayWhose<T>({ strategy, account }: Pick<Seat, 'strategy' | 'account'>, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof SmartspeedError)) throw cause
    const { code, message, fix } = cause
    const said = `strategy ${strategy.name} of account ${account.name}: ${message}`
    throw new SmartspeedError(code, said, { cause, ...(fix === undefined ? {} : { fix }) })
  }
}

export function aboutSeats(seats: readonly Seat[]): SeatAbout[] {
  return seats.map(({ strategy, params, account, interval, file, fileHash }) => {
    const own = interval === undefined ? {} : { interval }
    return { strategy: strategy.name, params, account, ...own, ...(file === undefined ? {} : { file, fileHash }) }
  })
}
