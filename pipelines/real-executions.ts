// Executions that an exchange gave, from a file: our own `cat executions`, or what an exchange or a library exports.
import { decimalOf, microsIn, numberIn } from '../connectors/files/cells.ts'
import { type NamedRow, namedRows } from '../connectors/files/named-rows.ts'
import { addFill, type Outcome, unknownOutcome } from '../operators/calibration/outcome.ts'
import { SmartspeedError } from '../schemas/errors.ts'

type Get = NamedRow['get']

/** Kinds of rows that are fills, as several exchanges spell them; a file without kinds holds nothing else. */
const fills = ['fill', 'trade', 'filled', 'partially_filled']
/** Kinds that say that an order was taken. */
const taken = ['accepted', 'new']

/**
 * The orders of a file, in the order in which they are first named; rows of one order share its name.
 *
 * Fields, by name: `clientId`, `clientOrderId` or `orderId`; `symbol`; `side`, or `isBuyer`; `price`, or `ticks` and `tickSize`; `size`,
 * `qty`, `quantity`, `amount`, or `lots` and `lotSize`; `time`, `timestamp` or `transactTime`; and where they are there: `kind` (fill,
 * accepted; other kinds change nothing), `liquidity`, `takerOrMaker` or `isMaker`, `origQty` or `orderSize`, `orderPrice`, `sent`.
 *
 * Errors: FILE_…; NO_DATA for no fill; MESSAGE_UNREADABLE with the place of a row that lacks what it needs.
 */
export async function readExecutions(file: string): Promise<Outcome[]> {
  const orders = new Map<string, Outcome>()
  let count = 0
  for await (const { get, place } of namedRows(file)) {
    const kind = get('kind')?.toLowerCase() ?? 'fill'
    const isFill = fills.includes(kind)
    if (!isFill && !taken.includes(kind)) continue
    try {
      const id = get('clientId') ?? get('clientOrderId') ?? get('orderId') ?? ''
      const about = { id, symbol: get('symbol') ?? '', side: sideOf(get) }
      // Without a name a fill is an order of its own.
      const key = id === '' ? `row ${count++}` : id
      const order = orders.get(key) ?? unknownOutcome(about)
      orders.set(key, order)
      const [price, size] = [
        valueIn(get, ['price'], 'tick'),
        valueIn(get, ['size', 'qty', 'quantity', 'amount'], 'lot'),
      ]
      const time = microsIn(get('time') ?? get('timestamp') ?? get('transactTime'), 'time')
      if (isFill) {
        if (!(price > 0 && size > 0)) throw new SmartspeedError('MESSAGE_UNREADABLE', 'a fill without a price and size')
        addFill(order, { time, price, size, liquidity: liquidityOf(get) })
        order.size = orElse(order.size, decimalOf(get('origQty') ?? get('orderSize')))
        order.price = orElse(order.price, decimalOf(get('orderPrice')))
        if (get('sent') !== undefined) order.placed = orElse(order.placed, microsIn(get('sent'), 'sent'))
      } else Object.assign(order, { size, price, placed: time })
    } catch (error) {
      if (!(error instanceof SmartspeedError)) throw error
      const fix = 'a row a fill: clientId,side,price,size,time'
      throw new SmartspeedError(error.code, `${place}: ${error.message}`, { cause: error, fix })
    }
  }
  const all = [...orders.values()]
  if (all.some(({ filled }) => filled > 0)) return all
  throw new SmartspeedError('NO_DATA', `${file} holds no fills`, { fix: 'a row a fill: clientId,side,price,size,time' })
}

function sideOf(get: Get): Outcome['side'] {
  const buyer = get('isBuyer')?.toLowerCase()
  const side = get('side')?.toLowerCase() ?? (buyer === 'true' ? 'buy' : buyer === 'false' ? 'sell' : undefined)
  if (side === 'buy' || side === 'sell') return side
  throw new SmartspeedError('MESSAGE_UNREADABLE', `side = ${side ?? 'nothing'} is neither buy nor sell`)
}

function liquidityOf(get: Get): Outcome['liquidity'] {
  const maker = (get('isMaker') ?? get('maker'))?.toLowerCase()
  const said = (get('liquidity') ?? get('takerOrMaker'))?.toLowerCase()
  if (said === 'maker' || said === 'taker') return said
  return maker === 'true' ? 'maker' : maker === 'false' ? 'taker' : undefined
}

/** A decimal number under one of some names, or a count of ticks or lots; NaN where there is none, as of a market order. */
function valueIn(get: Get, names: readonly string[], unit: 'tick' | 'lot'): number {
  const cell = names.map((name) => get(name)).find((one) => one !== undefined)
  if (cell !== undefined) return numberIn(cell, names[0]!)
  const counted = get(`${unit}s`)
  return counted === undefined
    ? Number.NaN
    : numberIn(counted, `${unit}s`) * numberIn(get(`${unit}Size`), `${unit}Size`)
}

function orElse(value: number, other: number): number {
  return Number.isNaN(value) ? other : value
}
