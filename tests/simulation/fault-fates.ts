// What befalls a process and its connections, drawn from a seed: the same seed draws the same fates, whatever the machine does.
import { random } from '../../operators/random.ts'
import type { Fault } from './fault-proxy.ts'
import type { Api, Frame } from './kafka-frames.ts'

/** When something happens: so long after the process was started, or when its nth message of a kind passes. */
export type Moment =
  | { readonly afterMs: number }
  | { readonly api: Api; readonly way: Frame['way']; readonly nth: number; readonly arrives: boolean }

export interface Fate {
  /** SIGKILL. */
  readonly kill?: Moment
  /** SIGSTOP, and SIGCONT so long after. */
  readonly pause?: { readonly at: Moment; readonly forMs: number }
}

export interface FateOptions {
  /** How long an undisturbed process works, about. */
  readonly wholeMs: number
  /** After so long a silent member loses its tasks. */
  readonly sessionMs: number
}

/** Messages of which a transaction consists: who dies at one dies inside a commit. */
const transaction: readonly Api[] = ['AddPartitionsToTxn', 'Produce', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn']

/** The fate of a process. Four of five die, two thirds of them inside a commit; the others sleep past their session. */
export function drawFate(seed: string, { wholeMs, sessionMs }: FateOptions): Fate {
  const dice = random(`${seed}/fate`)
  const anyTime = { afterMs: Math.round(dice.next() * wholeMs) }
  const inCommit: Moment = {
    api: transaction[dice.below(transaction.length)]!,
    way: dice.below(2) === 0 ? 'request' : 'answer',
    nth: 1 + dice.below(12),
    arrives: dice.below(2) === 0,
  }
  if (dice.below(5) === 0) {
    const forMs = Math.round(sessionMs * (1.2 + dice.next()))
    return { pause: { at: dice.below(2) === 0 ? inCommit : anyTime, forMs } }
  }
  return { kill: dice.below(3) === 0 ? anyTime : inCommit }
}

/** What becomes of the messages of a connection: of most nothing; some are slow, some break at one message. */
export function drawWeather(seed: string, share: number): (frame: Frame) => Fault | undefined {
  const connections = new Map<number, (frame: Frame) => Fault | undefined>()
  let opened = 0
  return (frame) => {
    let fault = connections.get(frame.connection)
    if (fault === undefined) {
      fault = drawConnection(`${seed}/connection ${++opened}`, share)
      connections.set(frame.connection, fault)
    }
    return fault(frame)
  }
}

const kinds = ['reset', 'deliver-reset', 'cut', 'half-close', 'stall', 'swallow'] as const

function drawConnection(seed: string, share: number): (frame: Frame) => Fault | undefined {
  const dice = random(seed)
  if (dice.next() >= share) return () => undefined
  const way = dice.below(2) === 0 ? 'request' : 'answer'
  const at = 3 + dice.below(60)
  const kind = dice.below(kinds.length + 2)
  if (kind >= kinds.length) {
    // Slow: each message of one way may wait.
    return (frame) => (frame.way === way && dice.below(3) === 0 ? { do: 'delay', ms: dice.below(80) } : undefined)
  }
  return (frame) => (frame.way === way && frame.number === at ? { do: kinds[kind]! } : undefined)
}
