// What a page brings along: the styles, the chart library and our own script, as text.
import { readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const uplot = join(dirname(createRequire(import.meta.url).resolve('uplot')), '.')

/** The page's script, file after file: each may use what stands before it. They share one scope, so a name is used once. */
const files = [
  'format.ts',
  'decimate.ts',
  'looks.ts',
  'flat.ts',
  'client/columns.ts',
  'client/download.ts',
  'client/theme.ts',
  'client/ticks.ts',
  'client/markers.ts',
  'client/shades.ts',
  'client/lines.ts',
  'client/panel.ts',
  'client/view.ts',
  'client/charts.ts',
  'client/rows.ts',
  'client/trips.ts',
  'client/static-table.ts',
  'client/main.ts',
]

/** Of the report; `more` are paths of further sheets, from this folder, that stand behind it. */
export function styles(more: readonly string[] = []): string {
  const own = ['../tokens.css', 'report.css', ...more].map((path) => readFileSync(join(here, path), 'utf8'))
  return [readFileSync(join(uplot, 'uPlot.min.css'), 'utf8'), ...own].join('\n')
}

export function uplotScript(): string {
  return inScript(readFileSync(join(uplot, 'uPlot.iife.min.js'), 'utf8'))
}

/** The script of the report. */
export const client = (): string => scriptOf(files)

/** Types stripped, imports left out: what they named stands above. Paths are from this folder. */
export function scriptOf(files: readonly string[]): string {
  const parts = files.map((file) => {
    const source = withoutTypes(readFileSync(join(here, file), 'utf8'))
    return source
      .replace(/^import\b[^']*'[^']*'$/gm, '')
      .replace(/^export /gm, '')
      .replace(/[ \t]+$/gm, '')
      .replace(/\n{2,}/g, '\n')
      .trim()
  })
  return inScript(parts.join('\n'))
}

/** Node calls its type stripping experimental on stderr; a person who asked for a report need not hear of it. */
function withoutTypes(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Script text that may stand in a script element. */
function inScript(text: string): string {
  return text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
}
