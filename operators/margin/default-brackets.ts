// The tiers of a margin account where no others are given, in the words of an exchange's own answer.
import type { BracketsInput } from './brackets.ts'

/** When these were taken. A run over other years asks for the brackets of then: venue.margin.brackets. */
export const defaultBracketsDate = '2024-01-01'

/**
 * Floors and rates of S4 §3.6.1 for BTCUSDT, taken for every symbol. Its amounts jump at 5,000,000 (79,300 for 141,300): here each is what
 * leaves no jump, floor × (rate − rate of the tier below) more than that of the tier below. Leverages are those Binance had beside
 * such rates; above the last cap no order is taken.
 */
export const defaultBrackets: BracketsInput = [
  {
    symbol: '*',
    brackets: [
      { bracket: 1, initialLeverage: 125, notionalFloor: 0, notionalCap: 50_000, maintMarginRatio: 0.004, cum: 0 },
      {
        bracket: 2,
        initialLeverage: 100,
        notionalFloor: 50_000,
        notionalCap: 250_000,
        maintMarginRatio: 0.005,
        cum: 50,
      },
      {
        bracket: 3,
        initialLeverage: 50,
        notionalFloor: 250_000,
        notionalCap: 1_000_000,
        maintMarginRatio: 0.01,
        cum: 1_300,
      },
      {
        bracket: 4,
        initialLeverage: 20,
        notionalFloor: 1_000_000,
        notionalCap: 5_000_000,
        maintMarginRatio: 0.025,
        cum: 16_300,
      },
      {
        bracket: 5,
        initialLeverage: 10,
        notionalFloor: 5_000_000,
        notionalCap: 20_000_000,
        maintMarginRatio: 0.05,
        cum: 141_300,
      },
    ],
  },
]
