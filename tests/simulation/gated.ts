// A strategy in a file, whose trials wait at a gate from some parameters on: what works on them is then surely amid them.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../data.ts'

export interface Gated {
  /** What `--strategy` is given: means that cross, with a fast one of 2 to 13 bars. */
  readonly file: string
  /** From now on trials of more than `fast` bars wait. */
  close(): void
  open(): void
}

export function gatedStrategy(folder: string, fast: number): Gated {
  const [file, gate] = [join(folder, 'gated.ts'), join(folder, 'gate')]
  const crossing = pathToFileURL(join(root, 'operators/strategies/sma-cross.ts')).href
  const code = [
    `import { existsSync } from 'node:fs'`,
    `import { smaCross } from ${JSON.stringify(crossing)}`,
    // Without a vectorized form: each trial is traded by the graph.
    'const { vectorized: _, ...rest } = smaCross',
    'const sleeping = new Int32Array(new SharedArrayBuffer(4))',
    'export default { ...rest, name: "gated", create: (params, desk) => {',
    `  while (params.fast > ${fast} && existsSync(${JSON.stringify(gate)})) Atomics.wait(sleeping, 0, 0, 20)`,
    '  return smaCross.create(params, desk)',
    '} }',
  ]
  writeFileSync(file, code.join('\n'))
  return { file, close: () => writeFileSync(gate, ''), open: () => rmSync(gate, { force: true }) }
}
