// A run put to the test from the command line.
import { readFile } from 'node:fs/promises'
import { readShocks, type Shocks } from '../operators/stress/shocks.ts'
import { type AccountStress, type StressResult, stress } from '../pipelines/stress.ts'
import { SmartspeedError } from '../schemas/errors.ts'
import { isoOf, parseTime } from '../schemas/time.ts'
import { type Where, withTopics } from './options.ts'
import { knownRun } from './runs.ts'
import { table } from './table.ts'

export interface StressCall extends Where {
  readonly at: string
  readonly shocks?: string
  readonly paths: number
  readonly horizon: number
  readonly seed: string
}

/** Errors: RUN_MISSING, NO_DATA where nothing was held, CONFIG_INVALID and FILE_MISSING for the shocks. */
export function stressRun(
  run: string,
  { at, shocks, paths, horizon, seed, ...where }: StressCall,
): Promise<StressResult> {
  const when = at === 'worst' || at === 'end' ? at : parseTime('--at', at)
  return withTopics(where, async (topics) =>
    stress(topics, run, await knownRun(topics, run), {
      ...{ at: when, paths, horizonSeconds: horizon, seed, shocks: await shocksOf(shocks) },
    }),
  )
}

async function shocksOf(file: string | undefined): Promise<Shocks> {
  if (file === undefined) return readShocks()
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new SmartspeedError('FILE_MISSING', `--shocks ${file}: ${(cause as Error).message}`, {
      fix: 'name a JSON file of shocks, as docs/stress.md says; without --shocks ours are taken',
    })
  }
  try {
    return readShocks(JSON.parse(text), file)
  } catch (cause) {
    if (cause instanceof SmartspeedError) throw cause
    throw new SmartspeedError('CONFIG_INVALID', `--shocks ${file}: not JSON: ${(cause as Error).message}`, {
      fix: 'write it as docs/stress.md says',
    })
  }
}

/** Tables for people. */
export function stressText({ run, at, currency, source, history, accounts }: StressResult): string {
  const head = `run ${run} at ${isoOf(at)}, amounts in ${currency}`
  const steps = `rests on ${history.steps} steps of ${history.stepSeconds} s that the run had seen; shocks: ${source}`
  return [head, ...accounts.map((one) => accountText(one)), steps].join('\n\n')
}

function accountText({
  account,
  equity,
  leverage,
  positions,
  shocks,
  monteCarlo,
  liquidity,
  reason,
}: AccountStress): string {
  const held = positions.map(({ symbol, size, price }) => `${amount(size)} ${symbol} at ${amount(price)}`).join(', ')
  const parts = [
    `${account}: equity ${amount(equity)}, ${amount(leverage)}× in positions: ${held}`,
    table(
      ['shock', 'profit', 'of equity', 'least equity', ''],
      shocks.map(({ title, profit, leastEquity, ruined }) => [
        ...[title, amount(profit), percent(profit / equity), amount(leastEquity), ruined ? 'ruined' : ''],
      ]),
    ),
  ]
  if (monteCarlo === null) parts.push(`no paths: ${reason}`)
  else {
    const { paths, mean, var95, var99, es95, es99, worst, ruin, drawdown95 } = monteCarlo
    parts.push(
      table(
        [`${paths} paths`, 'amount', 'of equity'],
        [
          ['mean profit', mean],
          ['value at risk, 95 %', var95],
          ['value at risk, 99 %', var99],
          ['expected shortfall, 95 %', es95],
          ['expected shortfall, 99 %', es99],
          ['worst loss', worst],
          ['drawdown, 95th percentile', drawdown95],
        ].map(([name, value]) => [name as string, amount(value as number), percent((value as number) / equity)]),
      ),
      `ruined in ${percent(ruin)} of the paths`,
    )
  }
  if (liquidity.length > 0) {
    const cell = (value: number | null, text: (value: number) => string) => (value === null ? '–' : text(value))
    parts.push(
      table(
        ['volume', 'cost to leave at once', 'of the value', 'seconds at a tenth of it'],
        liquidity.map(({ thinner, cost, share, seconds }) => [
          ...[thinner === 1 ? 'as it was' : `a ${thinner}th`.replace('3th', 'third').replace('10th', 'tenth')],
          ...[cell(cost, amount), cell(share, percent), cell(seconds, (value) => amount(Math.ceil(value)))],
        ]),
      ),
    )
  }
  return parts.join('\n\n')
}

const amount = (value: number): string => String(Number(value.toPrecision(6)))
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`
