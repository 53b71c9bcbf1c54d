// What ties orders to each other: parents that others wait for, and groups of which one cancels the others.
import { findLive, type Lane } from './lane.ts'
import { onItsWay } from './orders.ts'

/** A child is on its way: from now on its parent is remembered. */
export function expectChild(lane: Lane, parent: string): void {
  const known = lane.parents.get(parent)
  if (known !== undefined) {
    known.children += 1
    return
  }
  const live = findLive(lane, parent)
  const isComing = live === undefined && onItsWay(lane.inbox, parent) !== undefined
  if (live === undefined && !isComing && lane.last !== parent) return
  const filledLots = live?.filledLots ?? (isComing ? 0 : lane.lastFilled)
  lane.parents.set(parent, { filledLots, isOver: live === undefined && !isComing, children: 1 })
  lane.ties += 1
}

/** One that waited for a parent, or was on its way to it, is over. */
export function childOver(lane: Lane, parent: string): void {
  const known = lane.parents.get(parent)
  if (known === undefined) return
  known.children -= 1
  if (known.children > 0) return
  lane.parents.delete(parent)
  lane.ties -= 1
}

/** One of a group is on its way. */
export function expectMember(lane: Lane, name: string): void {
  const known = lane.groups.get(name)
  if (known === undefined) lane.groups.set(name, { isDone: name === lane.lastDone, members: 1 })
  else known.members += 1
}

/** One of a group is over. */
export function memberOver(lane: Lane, name: string): void {
  const known = lane.groups.get(name)
  if (known === undefined) return
  known.members -= 1
  if (known.members === 0) lane.groups.delete(name)
}

/** One of a group was filled or triggered: who comes later comes too late. */
export function groupDone(lane: Lane, name: string): void {
  lane.lastDone = name
  const known = lane.groups.get(name)
  if (known !== undefined) known.isDone = true
}
