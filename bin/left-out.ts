// What was left out of a file of candles, said on stderr.
import type { CandleFileEnd } from '../connectors/files/candle-columns.ts'
import { counted, note } from './output.ts'

export function noteLeftOut(file: string, end: CandleFileEnd): void {
  const { complete, repeated, contradicting, firstContradicting, unreadable, firstUnreadable } = end
  if (!complete) note(`${file} ends in the middle: what is whole was read`)
  if (repeated > 0) {
    note(
      `${counted(repeated, 'candle that says the one before it again was', 'candles that say the one before them again were')} left out`,
    )
  }
  if (contradicting > 0) {
    const many = counted(contradicting, 'candle contradicts', 'candles contradict')
    note(`${many} the one before of the same time, which stays; the first is line ${firstContradicting}`)
  }
  if (firstUnreadable !== undefined) {
    const { line, message } = firstUnreadable
    note(
      `${counted(unreadable, 'line is no candle and was', 'lines are no candles and were')} left out; the first is line ${line}: ${message}`,
    )
  }
}
