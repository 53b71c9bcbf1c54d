// The place of one resting order in its queue: plain numbers, moved by trades and by sizes of its level.
import type { QueueModel } from './index.ts'

/** Lots; all of it is state to be saved. */
export interface Place {
  /** Ahead by trades and cancellations alone; below 0 when more was traded than stood there. */
  ahead: number
  /** Ahead at most: nobody is ahead of us who is not at the level any more. */
  bound: number
  /** What the model took off `ahead`. */
  cancelled: number
  /** Size of the level, without ours, at its last row; NaN when it is unknown. */
  size: number
  /** Traded at the level since. */
  traded: number
  /** Exchange time of that row, µs. */
  levelTime: number
}

/** The end of a queue of `size` lots, joined at an exchange time. `ahead` is another number where the size is unknown. */
export function joined(size: number, time: number, ahead = size): Place {
  return { ahead, bound: Number.POSITIVE_INFINITY, cancelled: 0, size, traded: 0, levelTime: time }
}

/** Lots ahead of the order now. */
export function lotsAhead({ ahead, bound }: Place): number {
  return Math.max(0, Math.min(ahead, bound))
}

/**
 * Lots traded at the level, ours not among them. A trade that happened before the level's last row but is seen after it
 * (14 % of the trades of one real capture) was in that row's decrease already: what the model took for it is given back,
 * and the level's own size is left as it is.
 */
export function tradedAt(place: Place, lots: number, time: number): void {
  place.ahead -= lots
  if (time > place.levelTime) {
    place.bound -= lots
    place.traded += lots
    return
  }
  const back = Math.min(place.cancelled, lots)
  place.cancelled -= back
  place.ahead += back
}

/** The level's size, without ours, in a new row: a decrease beyond what was traded was cancelled, somewhere in the queue. */
export function resized(place: Place, size: number, time: number, model: QueueModel): void {
  const before = place.size - place.traded
  const cancelled = before - size
  if (cancelled > 0) {
    const ahead = lotsAhead(place)
    const taken = model.cancelledAhead(cancelled, ahead, Math.max(0, before - ahead))
    place.ahead -= taken
    place.cancelled += taken
  }
  place.bound = Math.min(place.bound, size)
  place.size = size
  place.traded = 0
  place.levelTime = time
}
