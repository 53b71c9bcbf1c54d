// A set of ticks that finds its next member in a few steps, however far away it is.

export type Occupied = {
  add(tick: number): void
  remove(tick: number): void
  /** The nearest member below `tick`, or −1; the nearest above it, or −1. */
  below(tick: number): number
  above(tick: number): number
}

/**
 * An empty set of ticks in 0…capacity − 1: a bit a tick, and above these a bit for each word that is not zero, twice.
 * A search looks at one word a layer on its way up, and at one on its way down.
 */
export function createOccupied(capacity: number): Occupied {
  const layers: Int32Array[] = []
  for (let size = capacity; layers.length === 0 || size > 1; ) {
    size = Math.ceil(size / 32)
    layers.push(new Int32Array(size))
  }

  return {
    add(tick) {
      let at = tick
      for (const words of layers) {
        const word = at >> 5
        const before = words[word]!
        words[word] = before | (1 << (at & 31))
        if (before !== 0) return
        at = word
      }
    },
    remove(tick) {
      let at = tick
      for (const words of layers) {
        const word = at >> 5
        words[word]! &= ~(1 << (at & 31))
        if (words[word] !== 0) return
        at = word
      }
    },
    below(tick) {
      let at = tick
      for (let layer = 0; layer < layers.length; layer++) {
        const lower = layers[layer]![at >> 5]! & ((1 << (at & 31)) - 1)
        at >>= 5
        if (lower === 0) continue
        at = (at << 5) + 31 - Math.clz32(lower)
        while (layer > 0) at = (at << 5) + 31 - Math.clz32(layers[--layer]![at]!)
        return at
      }
      return -1
    },
    above(tick) {
      let at = tick
      for (let layer = 0; layer < layers.length; layer++) {
        const higher = layers[layer]![at >> 5]! & (-2 << (at & 31))
        at >>= 5
        if (higher === 0) continue
        at = (at << 5) + lowestBit(higher)
        while (layer > 0) at = (at << 5) + lowestBit(layers[--layer]![at]!)
        return at
      }
      return -1
    },
  }
}

const lowestBit = (word: number) => 31 - Math.clz32(word & -word)
