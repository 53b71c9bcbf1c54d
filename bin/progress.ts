// How far a command is: one line on stderr that is written over, and only on a terminal.

/** Written again at most this often. */
const REFRESH_MS = 100

export interface Progress {
  /**
   * Rows done so far, of `total` when that is known, and those of them that this process did: fewer where others were there when it
   * began. Cheap: call it for every step.
   */
  update(done: number, total?: number, made?: number): void
  /** A line that stays, above the moving one. */
  note(line: string): void
  /** Takes the moving line away. May be called twice. */
  stop(): void
}

/** Shows rate, time left, rows and memory of a piece of work. Without a terminal only notes are written. */
export function progress(
  label: string,
  { total, unit = 'rows' }: { readonly total?: number; readonly unit?: string } = {},
  out: Terminal = process.stderr,
): Progress {
  const started = performance.now()
  let shownAt = Number.NEGATIVE_INFINITY
  let shown = false
  const clear = (): void => {
    if (shown) out.write('\r\x1b[K')
    shown = false
  }
  return {
    update(done, of = total, made = done) {
      const now = performance.now()
      if (out.isTTY !== true || now - shownAt < REFRESH_MS) return
      shownAt = now
      const line = progressLine(label, {
        done,
        total: of,
        made,
        seconds: (now - started) / 1000,
        bytes: process.memoryUsage.rss(),
        unit,
      })
      out.write(`\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}`)
      shown = true
    },
    note(line) {
      clear()
      out.write(`${line}\n`)
    },
    stop: clear,
  }
}

/** What of stderr is used. */
export interface Terminal {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

interface Shown {
  readonly done: number
  readonly total: number | undefined
  /** By this process, which its rate follows from; all when left out. */
  readonly made?: number
  readonly seconds: number
  readonly bytes: number
  readonly unit?: string
}

/** `label ███░░░ 45 %  1,234,567 rows  2.1 M/s  3 s left  120 MB`; without a total no bar and no time left. */
export function progressLine(
  label: string,
  { done, total, made = done, seconds, bytes, unit = 'rows' }: Shown,
): string {
  const rate = seconds > 0 ? made / seconds : 0
  const parts = [`${done.toLocaleString('en-US')} ${unit}`, `${short(rate)}/s`]
  if (total !== undefined && total > 0) {
    const share = Math.min(done / total, 1)
    const filled = Math.round(share * 20)
    parts.unshift(`${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${Math.floor(share * 100)} %`)
    if (rate > 0 && done < total) parts.push(`${timeText((total - done) / rate)} left`)
  }
  return `${label} ${parts.join('  ')}  ${Math.round(bytes / 1e6)} MB`
}

function short(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)} M`
  return rate >= 1e3 ? `${(rate / 1e3).toFixed(0)} k` : rate.toFixed(0)
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${Math.ceil(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
