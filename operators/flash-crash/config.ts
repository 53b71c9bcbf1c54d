// What counts as a flash crash: how far a price moves within a window, and how bad that is.
import { z } from 'zod'
import { parseObject } from '../strategies/parameters.ts'

/** From calm to worst; the number of each is its place. */
export const severities = ['calm', 'moderate', 'severe', 'extreme'] as const
export type Severity = (typeof severities)[number]

const share = z.number().positive().max(10)

const limits = (moderate: number, severe: number, extreme: number, source: string) =>
  z
    .strictObject({ moderate: share.default(moderate), severe: share.default(severe), extreme: share.default(extreme) })
    .prefault({})
    .describe(`moves within it, as a share of the price at its beginning, up or down; ${source}`)

const ours = 'S0 §8 names the window and no limit'

export const flashCrashConfig = z.strictObject({
  '30s': limits(0.03, 0.05, 0.08, ours),
  '1m': limits(0.04, 0.07, 0.1, 'S0 §6: 0.10 in a minute is a flash crash'),
  '5m': limits(0.06, 0.1, 0.13, ours),
  '15m': limits(0.08, 0.12, 0.15, 'S0 §8: 0.15 triggers the emergency'),
  cascade: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe('share of all instruments that crash at once beyond which all is taken as extreme; S0 §8: 0.7'),
  cascadeInstruments: z.int().min(2).default(3).describe('least number of instruments with a price for that'),
  calmMinutes: z
    .number()
    .positive()
    .max(1440)
    .default(15)
    .describe('without another such move until an instrument is traded again; the longest window of S0 §8'),
  resume: z
    .enum(['operator', 'calm'])
    .default('operator')
    .describe('who ends the halt after an extreme move: a person (smartspeed halt lift), or the calm itself'),
})

export type FlashCrashConfig = z.output<typeof flashCrashConfig>

/** Windows by name, s. */
export const windows = { '30s': 30, '1m': 60, '5m': 300, '15m': 900 } as const
export type WindowName = keyof typeof windows
export const windowNames = Object.keys(windows) as WindowName[]

/** `off`, `default`, or limits. @throws SmartspeedError CONFIG_INVALID */
export function parseFlashCrash(
  given: 'off' | 'default' | Readonly<Record<string, unknown>>,
): FlashCrashConfig | undefined {
  if (given === 'off') return undefined
  const value = given === 'default' ? {} : { ...given }
  return parseObject(flashCrashConfig, value, 'flashCrash', ['flashCrash']) as FlashCrashConfig
}
