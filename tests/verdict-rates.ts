// How often the verdict is right, on sweeps of which it is known what is in them: node tests/verdict-rates.ts [SEEDS] [NAME]
import { type Colour, type Validation, validateTrials } from '../operators/research/index.ts'
import { crossings, edge, noise, type Planted } from './planted-trials.ts'

export const truths: Readonly<Record<string, { is: 'luck' | 'edge'; make: (seed: number) => Planted }>> = {
  'noise, 3 years': { is: 'luck', make: (seed) => noise(seed) },
  'noise that loses, 3 years': { is: 'luck', make: (seed) => noise(seed, { sharpe: -1 }) },
  'crossings on a random walk, 3 years': { is: 'luck', make: (seed) => crossings(seed) },
  'crossings on a wild walk, 3 years': { is: 'luck', make: (seed) => crossings(seed, { clusters: 0.18 }) },
  'edge of 2.5, 3 years': { is: 'edge', make: (seed) => edge(seed, { sharpe: 2.5 }) },
  'edge of 3, 3 years': { is: 'edge', make: (seed) => edge(seed) },
  'edge of 2.5, 5 years': { is: 'edge', make: (seed) => edge(seed, { sharpe: 2.5, years: 5 }) },
  'edge of 3, 5 years': { is: 'edge', make: (seed) => edge(seed, { years: 5 }) },
  'crossings on momentum, 3 years': { is: 'edge', make: (seed) => crossings(seed, { momentum: 0.35 }) },
}

export type Counts = Readonly<Record<Colour, number>>

export function ratesOf(name: string, seeds: number, seen: (one: Validation) => void = () => {}): Counts {
  const counts = { green: 0, amber: 0, red: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const { matrix, grid } = truths[name]!.make(seed)
    const one = validateTrials(matrix, { grid, seed, paramsCount: 2 })
    counts[one.verdict]++
    seen(one)
  }
  return counts
}

if (process.argv[1] === import.meta.filename) {
  const [seeds = '100', only] = process.argv.slice(2)
  for (const name of Object.keys(truths).filter((one) => only === undefined || one.includes(only))) {
    const codes: Record<string, number> = {}
    const { green, amber, red } = ratesOf(name, Number(seeds), ({ warnings }) => {
      for (const { code, weight } of warnings) codes[`${code} ${weight}`] = (codes[`${code} ${weight}`] ?? 0) + 1
    })
    console.log(`${name}: green ${green}, amber ${amber}, red ${red} of ${seeds}`)
    console.log(
      `  ${Object.entries(codes)
        .map(([code, count]) => `${code} ${count}`)
        .join(', ')}`,
    )
  }
}
