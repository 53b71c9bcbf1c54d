// What V8 thinks of the memory of columns, which lies outside of its heap.
import { setFlagsFromString } from 'node:v8'

/**
 * Lets the collector run when heap and columns together have grown, and not at each 64 MB of columns: blocks that are read, decoded and dropped
 * made it walk the whole heap ten times a second. The peak stays as it was (docs/performance.md). Known to V8 13, the one of Node 24.
 */
export function countColumnsAsHeap(): void {
  if (process.versions.v8.startsWith('13.')) setFlagsFromString('--external-memory-accounted-in-global-limit')
}
