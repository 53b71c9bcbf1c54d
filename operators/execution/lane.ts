// One instrument at the simulated exchange: what is on its way there, and the orders of ours that it has.
import type { Instrument } from '../instrument.ts'
import type { MarketState } from '../market-state.ts'
import { ActivityMeter } from './activity.ts'
import type { Connection } from './connection.ts'
import { Funding, type FundingOptions, type FundingState } from './funding.ts'
import { isOver } from './life.ts'
import type { Live, Sent } from './orders.ts'

/** What others wait for: an order, and what was filled of it. */
export interface Parent {
  filledLots: number
  isOver: boolean
  /** Orders that wait for it or work for it, those on their way among them. */
  children: number
}

/** Orders of which one cancels the others. */
export interface Group {
  isDone: boolean
  /** Those on their way and those that are open. */
  members: number
}

export interface Lane {
  readonly instrument: Instrument
  readonly market: MarketState
  readonly connection: Connection
  readonly activity: ActivityMeter
  readonly funding: Funding
  /** What is to act, by its time; of one time in the order in which it came. */
  readonly inbox: Sent[]
  /** In the book, in the order in which they got there. */
  readonly resting: Live[]
  /** Waiting for their parent or their trigger, or active and yet to meet the market. */
  readonly held: Live[]
  /** When the inbox or an expiry has something to do next, µs: asked at every row. */
  due: number
  /** When the first gtd order ends, µs; Infinity. */
  nextExpiry: number
  /** Open orders whose fills, or ends, mean something to others, and orders that others wait for. */
  ties: number
  /** By client id. */
  readonly parents: Map<string, Parent>
  /** By name. */
  readonly groups: Map<string, Group>
  /** The group that was done last: the rest of it may be the next orders that are sent. */
  lastDone: string
  /** The order that ended last, though nobody was known to wait for it: its children may be the next ones that are sent. */
  last: string
  lastFilled: number
  /** True when an order ended that still stands in a list. */
  unswept: boolean
}

/** The lane of a market, empty. */
export function laneOf(market: MarketState, connection: Connection, funding: FundingOptions): Lane {
  return {
    instrument: market.instrument,
    market,
    connection,
    activity: new ActivityMeter(),
    funding: new Funding(market, funding),
    inbox: [],
    resting: [],
    held: [],
    due: Number.POSITIVE_INFINITY,
    nextExpiry: Number.POSITIVE_INFINITY,
    ties: 0,
    parents: new Map(),
    groups: new Map(),
    lastDone: '',
    last: '',
    lastFilled: 0,
    unswept: false,
  }
}

/** Puts something into the inbox, behind what acts at the same time. */
export function enqueue(lane: Lane, sent: Sent): void {
  const { inbox } = lane
  let at = inbox.length
  while (at > 0 && inbox[at - 1]!.time > sent.time) at -= 1
  if (at === inbox.length) inbox.push(sent)
  else inbox.splice(at, 0, sent)
  lane.due = Math.min(lane.nextExpiry, inbox[0]!.time)
}

/** An order that the exchange has; undefined when it is not there. */
export function findLive({ resting, held }: Lane, clientId: string): Live | undefined {
  for (let at = 0; at < resting.length; at++)
    if (resting[at]!.clientId === clientId && !isOver(resting[at]!.state)) return resting[at]
  for (let at = 0; at < held.length; at++)
    if (held[at]!.clientId === clientId && !isOver(held[at]!.state)) return held[at]
  return undefined
}

/** Takes orders that have ended out of the lists. */
export function sweep(lane: Lane): void {
  lane.unswept = false
  keepOpen(lane.resting)
  keepOpen(lane.held)
}

/** Takes an order out of a list; it need not be there. */
export function drop(list: Live[], order: Live): void {
  const at = list.indexOf(order)
  if (at >= 0) list.splice(at, 1)
}

/** When something is due again. */
export function schedule(lane: Lane): void {
  const { inbox } = lane
  lane.due = Math.min(lane.nextExpiry, inbox.length === 0 ? Number.POSITIVE_INFINITY : inbox[0]!.time)
}

/** When the first of the open gtd orders ends. */
export function reschedule(lane: Lane): void {
  let next = Number.POSITIVE_INFINITY
  for (const { expires, state } of lane.resting) if (expires < next && !isOver(state)) next = expires
  for (const { expires, state } of lane.held) if (expires < next && !isOver(state)) next = expires
  lane.nextExpiry = next
  schedule(lane)
}

function keepOpen(list: Live[]): void {
  let kept = 0
  for (let at = 0; at < list.length; at++) {
    const order = list[at]!
    if (!isOver(order.state)) list[kept++] = order
  }
  // To set its length costs more than this for the one or two that go.
  while (list.length > kept) list.pop()
}

export interface LaneState
  extends Pick<
    Lane,
    'inbox' | 'resting' | 'held' | 'parents' | 'groups' | 'lastDone' | 'last' | 'lastFilled' | 'ties'
  > {
  readonly activity: object
  readonly funding: FundingState
}

export function saveLane(lane: Lane): LaneState {
  const { inbox, resting, held, parents, groups, lastDone, last, lastFilled, ties, activity, funding } = lane
  const rest = { lastDone, last, lastFilled, ties, activity: { ...activity }, funding: funding.save() }
  return { inbox, resting, held, parents, groups, ...rest }
}

/** Lists are filled, not replaced: others hold them. */
export function loadLane(
  lane: Lane,
  { inbox, resting, held, parents, groups, activity, funding, ...rest }: LaneState,
): void {
  lane.inbox.splice(0, lane.inbox.length, ...inbox)
  lane.resting.splice(0, lane.resting.length, ...resting)
  lane.held.splice(0, lane.held.length, ...held)
  lane.parents.clear()
  for (const [id, parent] of parents) lane.parents.set(id, parent)
  lane.groups.clear()
  for (const [name, group] of groups) lane.groups.set(name, group)
  Object.assign(lane, rest, { unswept: false })
  Object.assign(lane.activity, activity)
  lane.funding.load(funding)
  reschedule(lane)
}
