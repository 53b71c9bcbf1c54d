// `smartspeed normalize`: raw messages on stdin, the records that each yields on stdout. Each line alone, without memory.
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { Exchange, Said } from '../../connectors/exchanges/exchange.ts'
import { impossibleIn } from '../../connectors/impossible.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import { toJson } from '../../schemas/json.ts'
import type { Rows } from '../../schemas/records.generated.ts'
import type { GlobalOptions } from '../options.ts'
import { printLine } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly exchange: string
  readonly symbol?: string
}

export function register(program: Command): void {
  program
    .command('normalize')
    .description(
      'raw messages from stdin, a line each (receive time in ns before it, or not): for each the records it yields',
    )
    .requiredOption('--exchange <id>', 'whose messages they are')
    .option('--symbol <symbol>', 'whose a depth snapshot without a symbol is')
    .addHelpText(
      'after',
      `\nExample:\n  echo '{"e":"trade","E":2,"T":1,"s":"BTCUSDT","t":1,"p":"5.5","q":"1","m":false}' | npx smartspeed normalize --exchange binance-usdm`,
    )
    .action(async (_options: object, command: Command) => {
      const { exchange: id, symbol, json } = command.optsWithGlobals<Flags>()
      const { exchangeOf } = await import('../../connectors/exchanges/index.ts')
      const { normalize } = normalizer(exchangeOf(id), symbol, await priceBoundsOf())
      let lines = 0
      for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
        const text = JSON.stringify(normalize(line))
        await printLine(json ? `${lines === 0 ? '[' : ','}${text}` : text)
        lines++
      }
      if (json) await printLine(lines === 0 ? '[]' : ']')
    })
}

async function priceBoundsOf() {
  return (await import('../../operators/quality/impossible-price.ts')).priceBounds
}

type BoundsOf = Awaited<ReturnType<typeof priceBoundsOf>>
export type Normalized = Record<string, unknown>[] | { error: { code: string; message: string } }

/** What lines yield: the records of a message as JSON, or the error that a capture's import would make a dead letter of. */
export function normalizer(exchange: Exchange, symbol: string | undefined, boundsOf: BoundsOf) {
  function record({ topic, row }: Said, received: number | undefined): Record<string, unknown> {
    const named = row.symbol || symbol
    if (named === undefined) {
      throw new SmartspeedError(
        'MESSAGE_UNREADABLE',
        'a depth snapshot without a symbol: say whose it is with --symbol',
      )
    }
    const { lowest, highest } = boundsOf(exchange.named(named))
    const price = impossibleIn({ topic, row } as Said, { lowest, highest })
    if (price !== undefined) {
      throw new SmartspeedError('VALUE_IMPOSSIBLE', `${named}: price ${price} is not within ${lowest} … ${highest}`)
    }
    const estimated = row.time === undefined && received !== undefined ? { time: received, timeEstimated: true } : {}
    const whole = { ...row, received, exchange: exchange.id, symbol: named, ...estimated }
    return { topic, ...toJson(topic, whole as unknown as Rows[typeof topic]) }
  }

  function normalize(line: string): Normalized {
    const [, stamp, message] = /^(?:(\d{4,19}) )?(.*)$/s.exec(line)!
    if (message!.trim() === '') return []
    const received = stamp === undefined ? undefined : Number(stamp.slice(0, -3))
    try {
      return exchange.parse(message!).records.map((said) => record(said, received))
    } catch (error) {
      if (!(error instanceof SmartspeedError)) throw error
      return { error: { code: error.code, message: error.message } }
    }
  }
  return { normalize }
}
