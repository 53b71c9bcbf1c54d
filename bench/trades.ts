// Trades that engines are measured with: irregular times and prices, as real ones have, so that nothing of them can be stored shorter.
import { type Batch, builderOf, take } from '../schemas/batch.ts'

/** `count` trades from number `from` on: the same each time. */
export function trades(from: number, count: number): Batch<'trades'> {
  const builder = builderOf('trades')
  for (let i = from; i < from + count; i++) {
    const noise = (Math.imul(i, 2_654_435_761) >>> 12) / 2 ** 20
    const received = 1_704_067_200_000_000 + i * 2500 + Math.floor(noise * 2400)
    builder.push({
      ...{ time: received - 1500 - (i % 91), received, exchange: 'binance', symbol: 'BTCUSDT' },
      ...{ price: 42_000 + Math.floor(noise * 10_000) / 10, size: (1 + Math.floor(noise * 997)) / 1000 },
      ...{ side: noise < 0.5 ? 'buy' : 'sell', id: String(5_000_000_000 + i) },
    })
  }
  return take<'trades'>(builder)
}
