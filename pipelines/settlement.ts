// What an account holds: one currency, so that amounts can be added up.
import { SmartspeedError } from '../schemas/errors.ts'
import type { Instrument } from '../schemas/records.generated.ts'
import type { Topology } from './config.ts'

/**
 * The currency of a topology's accounts: the one that is named, else the one that the instruments are settled in. Those that are
 * declared as `pegged` count as it, one for one: of stablecoins that may be near enough, and nobody but the user can say so.
 *
 * Errors: CONFIG_INVALID for an instrument that is settled in another.
 */
export function accountCurrency(
  { currency, pegged = [] }: Pick<Topology['account'], 'currency' | 'pegged'>,
  instruments: readonly Instrument[],
): string {
  const settled = [...new Set(instruments.map(({ settle }) => settle))]
  const account = currency ?? settled.find((one) => !pegged.includes(one)) ?? settled[0]!
  const other = instruments.find(({ settle }) => settle !== account && !pegged.includes(settle))
  if (other === undefined) return account
  throw new SmartspeedError(
    'CONFIG_INVALID',
    currency === undefined
      ? `${instruments.map(({ symbol, settle }) => `${symbol} is settled in ${settle}`).join(', ')}: an account holds one currency`
      : `account.currency = ${currency}, and ${other.symbol} is settled in ${other.settle}`,
    {
      fix:
        settled.length > 1
          ? `trade them in runs of their own; or, where both are worth the same, say so: account: {currency: ${account}, pegged: [${other.settle}]}`
          : `leave account.currency out: it is ${other.settle} then`,
      at: ['account', 'currency'],
    },
  )
}
