// How much memory this process holds that nobody else does: what `peakRssMb` means (CLI.md).
import { readFileSync } from 'node:fs'

/** The highest anonymous memory seen by `look`, in MB; the whole resident set where the system does not tell them apart. */
export class MemoryWatch {
  private peakBytes = 0

  look(): void {
    this.peakBytes = Math.max(this.peakBytes, anonymousBytes())
  }

  get peakMb(): number {
    return Math.round(this.peakBytes / 104_857.6) / 10
  }
}

function anonymousBytes(): number {
  try {
    const line = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (line !== null) return Number(line[1]) * 1024
  } catch {
    // no /proc on this system
  }
  return process.memoryUsage.rss()
}
