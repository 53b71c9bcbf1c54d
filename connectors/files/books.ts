// Books of foreign files: a row a level, rows of one message together; or a row a snapshot.
import { SmartspeedError } from '../../schemas/errors.ts'
import type { Book } from '../../schemas/records.generated.ts'
import { wholeIn } from './cells.ts'
import type { Columns } from './formats.ts'
import { priceIn, sizeIn, type Tick, type TickReader, timesOf } from './tick.ts'

type Level = Book['bids'][number]

/** Errors: CONFIG_INVALID when the columns are those of no layout. */
export function bookReader(columns: Columns): TickReader {
  const prices = columns.names.filter((name) => /^(asks|bids)\[\d+\]\.price$/.test(name))
  if (prices.length > 0) return snapshotReader(columns)
  return levelReader(columns)
}

/** Tardis book_snapshot_N: each row is a snapshot of the best N levels; missing ones are empty cells. */
function snapshotReader(columns: Columns): TickReader {
  const times = timesOf(columns)
  const places = (side: 'bids' | 'asks'): [price: number, size: number][] => {
    const found: [number, number][] = []
    for (let n = 0; columns.at([`${side}[${n}].price`]) >= 0; n++)
      found.push([columns.at([`${side}[${n}].price`]), columns.need([`${side}[${n}].amount`])])
    return found
  }
  const [bidsAt, asksAt] = [places('bids'), places('asks')]
  const levels = (cells: readonly string[], at: readonly [number, number][], side: string): Level[] =>
    at
      .filter(([price]) => cells[price] !== undefined && cells[price] !== '')
      .map(([price, size]) => ({
        price: priceIn(cells[price], `${side} price`),
        size: sizeIn(cells[size], `${side} size`),
      }))
  return {
    push(cells) {
      const row = { snapshot: true, bids: levels(cells, bidsAt, 'bid'), asks: levels(cells, asksAt, 'ask') }
      return { topic: 'books', ...times(cells), row }
    },
    end: () => undefined,
  }
}

/** The open message: rows that follow each other and agree in all that is here. */
interface Message {
  readonly time: number
  readonly received: number | undefined
  readonly snapshot: boolean
  readonly sequence: bigint | undefined
  readonly firstSequence: bigint | undefined
  readonly previousSequence: bigint | undefined
  readonly bids: Level[]
  readonly asks: Level[]
}

/**
 * Tardis incremental_book_L2 (rows of one `local_timestamp` are one message, its time that of its first row) and Binance
 * T_DEPTH (rows of one last update id are; `snap` is a snapshot, `set` a new size, and `pu` the last update id before).
 */
function levelReader(columns: Columns): TickReader {
  const times = timesOf(columns)
  const kind = columns.need(['is_snapshot', 'update_type'])
  const side = columns.need(['side'])
  const price = columns.need(['price'])
  const size = columns.need(['amount', 'qty', 'quantity', 'size'])
  const last = columns.at(['last_update_id'])
  const first = columns.at(['first_update_id'])
  const previous = columns.at(['pu'])
  let open: Message | undefined
  const idIn = (cells: readonly string[], at: number): bigint | undefined =>
    at < 0 || cells[at] === '' || cells[at] === '-1' ? undefined : wholeIn(cells[at], 'update id')
  return {
    push(cells) {
      const at = times(cells)
      const snapshot = kindIn(cells[kind])
      const sequence = idIn(cells, last)
      const bid = isBid(cells[side])
      const level = { price: priceIn(cells[price], 'price'), size: sizeIn(cells[size], 'size') }
      let done: Tick | undefined
      if (open === undefined || !belongs(open, { ...at, snapshot, sequence })) {
        done = closed(open)
        // A snapshot's own id is where it stands: nothing comes before it in its message.
        const [firstSequence, previousSequence] = snapshot ? [] : [idIn(cells, first), idIn(cells, previous)]
        open = { ...at, snapshot, sequence, firstSequence, previousSequence, bids: [], asks: [] }
      }
      ;(bid ? open.bids : open.asks).push(level)
      return done
    },
    end() {
      const done = closed(open)
      open = undefined
      return done
    },
  }
}

function belongs(open: Message, row: Pick<Message, 'time' | 'received' | 'snapshot' | 'sequence'>): boolean {
  if (open.snapshot !== row.snapshot || open.sequence !== row.sequence) return false
  return open.received === undefined ? open.time === row.time : open.received === row.received
}

function closed(open: Message | undefined): Tick | undefined {
  if (open === undefined) return undefined
  const { time, received, snapshot, sequence, firstSequence, previousSequence, bids, asks } = open
  return {
    ...{ topic: 'books', time, received },
    row: { snapshot, sequence, firstSequence, previousSequence, bids, asks },
  }
}

function kindIn(cell: string | undefined): boolean {
  switch (cell?.toLowerCase()) {
    case 'true':
    case 'snap':
    case 'snapshot':
      return true
    case 'false':
    case 'set':
    case 'update':
      return false
    default:
      throw new SmartspeedError('MESSAGE_UNREADABLE', `neither snapshot nor update: "${cell ?? ''}"`)
  }
}

function isBid(cell: string | undefined): boolean {
  const text = cell?.toLowerCase()
  if (text === 'bid' || text === 'b' || text === 'buy') return true
  if (text === 'ask' || text === 'a' || text === 'sell') return false
  throw new SmartspeedError('MESSAGE_UNREADABLE', `neither bid nor ask: "${cell ?? ''}"`)
}
