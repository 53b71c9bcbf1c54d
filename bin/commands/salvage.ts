// smartspeed salvage: makes a damaged log readable again.
import type { Command } from 'commander'
import type { Salvaged } from '../../topics/embedded/salvage.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

export function register(program: Command): void {
  program
    .command('salvage')
    .description('make a damaged log readable again: keeps every block whose checksum is right')
    .addHelpText('after', '\nExample:\n  npx smartspeed salvage --dir .smartspeed')
    .action(async (_, command: Command) => {
      const { dir, json } = command.optsWithGlobals<GlobalOptions>()
      const { salvage } = await import('../../topics/embedded/salvage.ts')
      const report = await salvage(dir)
      await printResult(json, report, () => describe(dir, report))
    })
}

function describe(dir: string, { topics, lostBytes, droppedRows, runs }: Salvaged): string {
  const lines = [`${dir} has a new index.`]
  for (const [topic, { rows, missing }] of Object.entries(topics)) {
    lines.push(`  ${topic}: ${rows} rows${missing === 0 ? '' : `, ${missing} between them are lost`}`)
  }
  if (lostBytes > 0) lines.push(`${lostBytes} bytes belong to no whole block.`)
  if (droppedRows > 0) lines.push(`${droppedRows} rows of commits that never ended were dropped.`)
  for (const [run, { journal }] of Object.entries(runs)) {
    if (!journal) lines.push(`Run ${run} can be read, but neither resumed nor compared: its journal is lost.`)
  }
  return lines.join('\n')
}
