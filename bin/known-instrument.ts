// The instrument that a command is about, as the topics know it.
import { type Instrument, instrumentOf } from '../operators/instrument.ts'
import { rowAt } from '../schemas/batch.ts'
import { physicalName } from '../schemas/catalogue.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import type { Instrument as InstrumentRow } from '../schemas/records.generated.ts'
import { replay } from '../topics/replay.ts'
import type { Topics } from '../topics/topics.ts'
import { findTopic, nothingFound } from './find-topic.ts'

/**
 * An instrument as it was known at a receive time; by its first row where that came later.
 * Errors: NO_DATA with the nearest symbol that there is.
 */
export async function knownInstrument(
  topics: Topics,
  exchange: string,
  symbol: string,
  at = Number.POSITIVE_INFINITY,
): Promise<Instrument> {
  const info = await findTopic(topics, physicalName('instruments'), undefined)
  let known: InstrumentRow | undefined
  for await (const { merged } of replay(topics, { inputs: [{ topic: info.name }], exchange, symbols: [symbol] })) {
    for (let i = 0; i < merged.rows; i++) {
      const row = rowAt(merged.sources[merged.source[i]!]!, merged.row[i]!) as InstrumentRow
      if (known === undefined || row.received <= at) known = row
    }
  }
  if (known !== undefined) return instrumentOf(known, 0)
  throw await nothingFound(topics, info, { exchange, symbols: [symbol] })
}

/** The topics of those that are there. Errors: NO_DATA when the log has none of them. */
export async function present(topics: Topics, names: readonly string[]): Promise<{ topic: string }[]> {
  const there = new Set((await topics.list()).map(({ name }) => name))
  const inputs = names.filter((name) => there.has(name)).map((topic) => ({ topic }))
  if (inputs.length > 0) return inputs
  throw new SmartspeedError('NO_DATA', `there are no ${names.join(', ')} yet`, {
    fix: 'import a capture: smartspeed import FILE.gz --exchange ID',
  })
}
