// Writes deploy/grafana/dashboards/*.json:  node deploy/grafana/build.ts
// A test holds the files to what this gives.
import { writeFileSync } from 'node:fs'
import { lag } from './lag.ts'
import { pipelines } from './pipelines.ts'
import { trading } from './trading.ts'

/** Files by name. */
export const dashboards: Readonly<Record<string, object>> = { lag, pipelines, trading }

export function textOf(board: object): string {
  return `${JSON.stringify(board, undefined, 2)}\n`
}

export function fileOf(name: string): URL {
  return new URL(`dashboards/${name}.json`, import.meta.url)
}

if (import.meta.main) {
  for (const [name, board] of Object.entries(dashboards)) writeFileSync(fileOf(name), textOf(board))
}
