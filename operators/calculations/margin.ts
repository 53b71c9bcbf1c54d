// Calculations of margin accounts.
import { z } from 'zod'
import { fundingCash } from '../margin/funding.ts'
import { liquidationPrice } from '../margin/liquidation-price.ts'
import { initialMargin, leverageAt, maintenanceMargin, maxLeverage, tiersSchema } from '../margin/tiers.ts'
import { calculation } from './calculation.ts'

const side = z.enum(['long', 'short'])
const size = z.number().positive().describe('units of the base asset')

export const maintenanceMarginOf = calculation({
  name: 'maintenance-margin',
  summary: 'what a position has to be covered by, or it is liquidated',
  arguments: z.strictObject({
    notional: z.number().min(0).describe('size × mark price'),
    tiers: tiersSchema,
  }),
  gives: 'margin, rate and amount of its tier',
  source: 'notional × rate − amount; Binance Futures, "Leverage and Margin"',
  answer: ({ notional, tiers }) => maintenanceMargin(notional, tiers),
})

export const initialMarginOf = calculation({
  name: 'initial-margin',
  summary: 'what a position is opened with',
  arguments: z.strictObject({
    notional: z.number().min(0).describe('size × price'),
    leverage: z.number().min(1).max(maxLeverage).describe('as it was chosen; the tier may allow less'),
    tiers: tiersSchema,
  }),
  gives: 'margin (null beyond the last cap) and the leverage that its tier allows',
  source: 'notional / leverage; Binance Futures, "Leverage and Margin"',
  answer: ({ notional, ...chosen }) => {
    const margin = initialMargin(notional, chosen)
    return { margin: Number.isFinite(margin) ? margin : null, leverage: leverageAt(notional, chosen) }
  },
})

export const liquidationPriceOf = calculation({
  name: 'liquidation-price',
  summary: 'the mark price at which a position is liquidated',
  arguments: z.strictObject({
    side,
    size: size.describe('units of the base asset; of the quote asset where the contract is inverse'),
    entryPrice: z.number().positive(),
    inverse: z.boolean().default(false).describe('settled in the base asset: all amounts are in it'),
    walletBalance: z.number().describe('of a cross account, or what an isolated position was given'),
    tiers: tiersSchema,
    otherMaintenanceMargin: z.number().min(0).default(0).describe('of the account’s other positions'),
    otherUnrealizedPnl: z.number().default(0).describe('of the account’s other positions'),
  }),
  gives: 'price (null when there is none above 0), rate and amount of the tier there',
  source:
    'margin balance = maintenance margin, solved in the tier that holds there; Binance Futures, "Liquidation Price"',
  answer: liquidationPrice,
})

export const fundingOf = calculation({
  name: 'funding',
  summary: 'what a perpetual position receives when funding falls due; below 0 it pays',
  arguments: z.strictObject({
    side,
    size,
    markPrice: z.number().positive(),
    rate: z.number().describe('of the interval: 0.0001 is 0.01 %'),
  }),
  gives: 'cash',
  source: '− side × size × mark price × rate; Binance Futures, "Funding Rates"',
  answer: (given) => ({ cash: fundingCash(given) }),
})
