// `smartspeed dead-letters`: what could not be read, and why; with --redrive it is tried again.
import type { Command } from 'commander'
import { isoOf } from '../../schemas/time.ts'
import { type GlobalOptions, type RangeOptions, rangeOf, withRangeOptions, withTopics } from '../options.ts'
import { printResult } from '../output.ts'
import { progress } from '../progress.ts'
import { stopSignal } from '../stop.ts'

interface Flags extends GlobalOptions, RangeOptions {
  readonly redrive?: boolean
}

/** Letters that a person is shown of each reason. */
const examples = 3

export function register(program: Command): void {
  const command = program
    .command('dead-letters')
    .description('what could not be read and why; cat dead-letters shows the bytes')
    .option('--redrive', 'read them again and publish what now works; --symbol says whose a bare snapshot is')
    .addHelpText('after', '\nExample:\n  npx smartspeed dead-letters --json')
    .action(async (_options: object, own: Command) => {
      const flags = own.optsWithGlobals<Flags>()
      const range = rangeOf(flags)
      const { deadLetters, redrive } = await import('../../pipelines/dead-letters.ts')
      if (!flags.redrive) {
        const { open, redriven } = await withTopics(flags, (topics) => deadLetters(topics, range))
        const byReason = counted(open)
        await printResult(flags.json, { count: open.length, byReason, redriven }, () =>
          [summary(byReason, redriven), ...sample(open)].join('\n'),
        )
        return
      }
      const bar = progress('dead letters')
      const { symbols: _all, ...rest } = range
      const signal = stopSignal()
      const onProgress = (done: number, total: number) => bar.update(done, total)
      try {
        const result = await withTopics(
          flags,
          (topics) =>
            redrive(topics, {
              ...rest,
              ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
              signal,
              onProgress,
            }),
          { write: true },
        )
        const { redriven, published, failed } = result
        const count = Object.values(failed).reduce((sum, one) => sum + one, 0)
        await printResult(flags.json, { count, byReason: failed, redriven, published }, () => {
          const rows = Object.entries(published).map(([topic, one]) => `${one} ${topic}`)
          return `${redriven} read now${redriven === 0 ? '' : ` (${rows.join(', ') || 'their rows were there already'})`}; ${summary(failed, 0)}`
        })
      } finally {
        bar.stop()
      }
    })
  withRangeOptions(command)
}

function counted(letters: readonly { reason: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason } of letters) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

function summary(byReason: Readonly<Record<string, number>>, redriven: number): string {
  const count = Object.values(byReason).reduce((sum, one) => sum + one, 0)
  const reasons = Object.entries(byReason).map(([reason, one]) => `${one} ${reason}`)
  return `${count} open${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}${redriven === 0 ? '' : `, ${redriven} read since`}`
}

function sample(
  letters: readonly { reason: string; received: number; source: string; message: string; bytes: Uint8Array }[],
): string[] {
  const shown = new Map<string, number>()
  return letters
    .filter(({ reason }) => {
      shown.set(reason, (shown.get(reason) ?? 0) + 1)
      return shown.get(reason)! <= examples
    })
    .map(({ reason, received, source, message, bytes }) => {
      const text = new TextDecoder().decode(bytes.subarray(0, 120)).replaceAll(/\p{Cc}/gu, '·')
      return `  ${reason} ${source} ${isoOf(received)}\n    ${message}\n    ${text}${bytes.length > 120 ? '…' : ''}`
    })
}
