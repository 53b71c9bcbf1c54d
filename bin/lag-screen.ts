// Where the looks of `lag --watch` are shown: written over on a terminal, a line a task elsewhere.
import type { TaskReport } from '../pipelines/lag-history.ts'
import { lagLines, lagScreen } from './lag-text.ts'

/** What of stdout is used. */
export interface WatchedTerminal {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface LagScreen {
  show(reports: readonly TaskReport[], now: Date): void
  /** Leaves the last look where it is, and the cursor below it. */
  end(): void
}

/** Home; the end of this line; all below. Writing over what is there does not flicker, clearing it first would. */
const home = '\x1b[H'
const clearRight = '\x1b[K'
const clearBelow = '\x1b[J'
const clearAll = '\x1b[2J'

export function openLagScreen(
  out: WatchedTerminal,
  { partitions = false }: { readonly partitions?: boolean },
): LagScreen {
  let shown = false
  return {
    show(reports, now) {
      if (out.isTTY !== true) {
        for (const line of lagLines(reports, now)) out.write(`${line}\n`)
        return
      }
      const { columns = 80, rows = 24 } = out
      const lines = lagScreen(reports, { partitions, now, columns }).split('\n')
      const room = rows - 1
      const fits =
        lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
      const text = fits.map((line) => `${line}${clearRight}\n`).join('')
      out.write(`${shown ? home : clearAll + home}${text}${clearBelow}`)
      shown = true
    },
    end() {
      if (out.isTTY === true && shown) out.write(clearBelow)
    },
  }
}
