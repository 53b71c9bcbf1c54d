// Calculations of how large a position should be.
import { z } from 'zod'
import { atrSize } from '../sizing/atr-size.ts'
import { fixedFractionalSize } from '../sizing/index.ts'
import { kellyFraction } from '../sizing/kelly.ts'
import { calculation } from './calculation.ts'

const equity = z.number().positive()
const risk = z.number().positive().max(1).describe('share of equity that the stop may cost')

export const kellyOf = calculation({
  name: 'kelly',
  summary: 'the share of equity whose repeated bet grows fastest, or a fraction of it; 0 without an edge',
  arguments: z.strictObject({
    winRate: z.number().min(0).max(1),
    averageWin: z.number().positive(),
    averageLoss: z.number().positive().describe('unsigned'),
    fraction: z.number().positive().max(1).default(1).describe('0.5 is half Kelly'),
  }),
  gives: 'fraction',
  source: 'p − (1 − p) / (win / loss); Kelly 1956, Thorp 2006',
  answer: (given) => ({ fraction: kellyFraction(given) }),
})

export const fixedFractionalOf = calculation({
  name: 'fixed-fractional',
  summary: 'the size that loses a fixed share of equity if the stop is hit',
  arguments: z.strictObject({ equity, risk, price: z.number().positive(), stopPrice: z.number().positive() }),
  gives: 'size',
  source: 'equity × risk / |price − stopPrice|; Vince 1990',
  answer: (given) => ({ size: fixedFractionalSize(given) }),
})

export const atrSizeOf = calculation({
  name: 'atr-size',
  summary: 'the size that loses a fixed share of equity over some average true ranges',
  arguments: z.strictObject({
    equity,
    risk,
    atr: z.number().positive().describe('in units of price'),
    multiplier: z.number().positive().describe('average true ranges to the stop'),
  }),
  gives: 'size',
  source: 'equity × risk / (atr × multiplier); Wilder 1978, Faith 2007',
  answer: (given) => ({ size: atrSize(given) }),
})
