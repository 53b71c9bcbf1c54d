// How much memory this process holds that nobody else does, and how much of files it has mapped (CLI.md, `peakRssMb`).
import { readFileSync } from 'node:fs'

/** The highest figures seen by `look`, in MB. Where the system does not tell them apart, all of it counts as anonymous. */
export class MemoryWatch {
  private anonymous = 0
  private mapped = 0

  look(): void {
    const { anonymous, mapped } = memoryOf()
    this.anonymous = Math.max(this.anonymous, anonymous)
    this.mapped = Math.max(this.mapped, mapped)
  }

  /** Anonymous memory: heap, buffers, stacks. */
  get peakMb(): number {
    return megabytes(this.anonymous)
  }

  /** Pages of files: the log's index, the programs; the system takes them back when it needs room. */
  get mappedMb(): number {
    return megabytes(this.mapped)
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 104_857.6) / 10
}

/** Bytes. */
function memoryOf(): { anonymous: number; mapped: number } {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    const bytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
    const [anonymous, mapped] = [bytes('RssAnon'), bytes('RssFile') + bytes('RssShmem')]
    if (Number.isFinite(anonymous + mapped)) return { anonymous, mapped }
  } catch {
    // no /proc on this system
  }
  return { anonymous: process.memoryUsage.rss(), mapped: 0 }
}
