// Sets of whole numbers that mostly follow each other: the ids of an instrument that were seen.
// Sorted ranges in leaves of bounded size. Full leaves can be put away and fetched again, so that memory stays flat.

/** Ranges of a leaf before it is split in two. */
const fullLeaf = 32_768

/** Some ranges: from[i] … to[i], sorted, none touching the next. */
export interface Leaf {
  first: number
  last: number
  /** Where it was put away, unchanged since; undefined while it must be kept by whoever saves the set. */
  key: number | undefined
  count: number
  /** Undefined while it is put away. */
  from: Float64Array | undefined
  to: Float64Array | undefined
}

/** A leaf as it is saved: its ranges as bytes, or where they were put away. */
export interface SavedLeaf {
  readonly first: number
  readonly last: number
  readonly count: number
  readonly key?: number
  readonly bytes?: Uint8Array
}

/** A set of whole numbers from 0 to 2^53. */
export class Ranges {
  readonly leaves: Leaf[] = []

  constructor(saved: readonly SavedLeaf[] = []) {
    for (const { first, last, count, key, bytes } of saved) {
      const leaf: Leaf = { first, last, count, key, from: undefined, to: undefined }
      if (bytes !== undefined) fill(leaf, bytes)
      this.leaves.push(leaf)
    }
  }

  /** Leaves that were put away and hold what lies in from…to; `has`, `covers` and `add` of it need them back first (`fill`). */
  away(from: number, to: number): readonly Leaf[] {
    return this.leaves.filter((leaf) => leaf.from === undefined && leaf.first <= to && leaf.last >= from)
  }

  has(id: number): boolean {
    const leaf = this.leafOf(id)
    if (leaf === undefined || id > leaf.last) return false
    const at = rangeOf(leaf, id)
    return at >= 0 && leaf.to![at]! >= id
  }

  /** True when every number of from…to is in the set. */
  covers(from: number, to: number): boolean {
    let next = from
    while (next <= to) {
      const leaf = this.leafOf(next)
      if (leaf === undefined || next > leaf.last) return false
      const at = rangeOf(leaf, next)
      if (at < 0 || leaf.to![at]! < next) return false
      next = leaf.to![at]! + 1
    }
    return true
  }

  /** The largest number of the set below `id`; NaN when there is none. */
  below(id: number): number {
    for (let index = this.indexOf(id - 1); index >= 0; index--) {
      const leaf = this.leaves[index]!
      if (leaf.last < id) return leaf.last
      const at = rangeOf(leaf, id - 1)
      if (at >= 0) return Math.min(leaf.to![at]!, id - 1)
    }
    return Number.NaN
  }

  /** Adds from…to unless `to` is there already; true when it was not. */
  take(from: number, to: number): boolean {
    const end = this.leaves.at(-1)
    // Nearly always what comes is behind all that was seen.
    if (end !== undefined && end.from !== undefined && from > end.last) {
      this.put(end, this.leaves.length - 1, from, to)
      return true
    }
    if (this.has(to)) return false
    this.add(from, to)
    return true
  }

  add(from: number, to: number): void {
    const index = Math.max(0, this.indexOf(from))
    const leaf = this.leaves[index] ?? this.begin(from, to)
    const next = this.leaves[index + 1]
    if (next === undefined || to < next.first) {
      this.put(leaf, index, from, to)
      return
    }
    // What lies in the next leaf belongs there, so that a number is looked for in one leaf only.
    if (from < next.first) this.put(leaf, index, from, next.first - 1)
    const after = this.leaves[this.indexOf(Math.max(from, next.first))]!
    this.add(Math.max(from, after.first), to)
  }

  save(): SavedLeaf[] {
    return this.leaves.map((leaf) => {
      const { first, last, count, key } = leaf
      return key === undefined ? { first, last, count, bytes: bytesOf(leaf) } : { first, last, count, key }
    })
  }

  /** Full leaves but the last, which are not put away yet: they change no more unless something is imported late. */
  finished(): readonly Leaf[] {
    return this.leaves.slice(0, -1).filter((leaf) => leaf.key === undefined)
  }

  private begin(from: number, to: number): Leaf {
    const leaf: Leaf = { first: from, last: to, key: undefined, count: 0, from: empty(), to: empty() }
    this.leaves.push(leaf)
    return leaf
  }

  /** The last leaf that begins at or before `id`; −1 when all begin later. */
  private indexOf(id: number): number {
    const { leaves } = this
    let low = 0
    let high = leaves.length
    if (high > 0 && leaves[high - 1]!.first <= id) return high - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (leaves[middle]!.first <= id) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  private leafOf(id: number): Leaf | undefined {
    return this.leaves[this.indexOf(id)]
  }

  private put(leaf: Leaf, index: number, from: number, to: number): void {
    insert(leaf, from, to)
    leaf.key = undefined
    if (leaf.count >= 2 * fullLeaf) this.split(leaf, index)
  }

  private split(leaf: Leaf, index: number): void {
    const from = leaf.from!.slice(fullLeaf, leaf.count)
    const to = leaf.to!.slice(fullLeaf, leaf.count)
    const right: Leaf = { first: from[0]!, last: leaf.last, key: undefined, count: from.length, from, to }
    leaf.count = fullLeaf
    leaf.last = leaf.to![fullLeaf - 1]!
    leaf.from = leaf.from!.slice(0, fullLeaf)
    leaf.to = leaf.to!.slice(0, fullLeaf)
    this.leaves.splice(index + 1, 0, right)
  }
}

/** Puts back the ranges of a leaf that were put away. */
export function fill(leaf: Leaf, bytes: Uint8Array): void {
  const from = new Float64Array(leaf.count)
  const to = new Float64Array(leaf.count)
  let at = 0
  let previous = 0
  const next = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }
  for (let i = 0; i < leaf.count; i++) {
    from[i] = previous + next()
    to[i] = from[i]! + next()
    previous = to[i]!
  }
  leaf.from = from
  leaf.to = to
}

/** The ranges of a leaf as steps from one to the next, seven bits a byte. */
export function bytesOf(leaf: Leaf): Uint8Array {
  const { from, to, count } = leaf
  const bytes = new Uint8Array(count * 16 + 16)
  let at = 0
  let previous = 0
  const push = (step: number): void => {
    let left = step
    while (left >= 128) {
      bytes[at++] = (left % 128) + 128
      left = Math.floor(left / 128)
    }
    bytes[at++] = left
  }
  for (let i = 0; i < count; i++) {
    push(from![i]! - previous)
    push(to![i]! - from![i]!)
    previous = to![i]!
  }
  return bytes.slice(0, at)
}

function empty(): Float64Array {
  return new Float64Array(16)
}

/** The last range of a leaf that begins at or before `id`; −1 when all begin later. */
function rangeOf(leaf: Leaf, id: number): number {
  const from = leaf.from!
  let low = 0
  let high = leaf.count
  if (high > 0 && from[high - 1]! <= id) return high - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (from[middle]! <= id) low = middle + 1
    else high = middle
  }
  return low - 1
}

function insert(leaf: Leaf, from: number, to: number): void {
  const froms = leaf.from!
  const tos = leaf.to!
  const { count } = leaf
  if (count > 0 && from > tos[count - 1]!) {
    leaf.last = to
    if (from === tos[count - 1]! + 1) tos[count - 1] = to
    else append(leaf, from, to)
    return
  }
  // Ranges that touch from…to become one with it: those from `low` on, up to but not including `high`.
  let low = rangeOf(leaf, from)
  if (low < 0 || tos[low]! < from - 1) low++
  let high = low
  while (high < count && froms[high]! <= to + 1) high++
  const start = high > low ? Math.min(from, froms[low]!) : from
  const end = high > low ? Math.max(to, tos[high - 1]!) : to
  if (high === low) {
    append(leaf, 0, 0)
    leaf.from!.copyWithin(low + 1, low, count)
    leaf.to!.copyWithin(low + 1, low, count)
  } else if (high > low + 1) {
    froms.copyWithin(low + 1, high, count)
    tos.copyWithin(low + 1, high, count)
    leaf.count -= high - low - 1
  }
  leaf.from![low] = start
  leaf.to![low] = end
  leaf.first = leaf.from![0]!
  leaf.last = leaf.to![leaf.count - 1]!
}

function append(leaf: Leaf, from: number, to: number): void {
  if (leaf.count === leaf.from!.length) {
    leaf.from = doubled(leaf.from!)
    leaf.to = doubled(leaf.to!)
  }
  leaf.from![leaf.count] = from
  leaf.to![leaf.count] = to
  leaf.count++
  if (leaf.count === 1) {
    leaf.first = from
    leaf.last = to
  }
}

function doubled(values: Float64Array): Float64Array {
  const wider = new Float64Array(values.length * 2)
  wider.set(values)
  return wider
}
