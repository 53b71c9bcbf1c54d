// `smartspeed calc NAME`: one formula, its arguments as JSON on stdin, its answer as JSON on stdout.
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { Calculation } from '../../operators/calculations/index.ts'
import { SmartspeedError } from '../../schemas/errors.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printLine, printResult, toJson } from '../output.ts'

interface Flags extends GlobalOptions {
  readonly list?: boolean
}

export function register(program: Command): void {
  program
    .command('calc [name]')
    .description('one formula, by the code that the graph uses: arguments as JSON on stdin, the answer on stdout')
    .option('--list', 'the formulas, with their arguments, units and sources')
    .addHelpText(
      'after',
      `\nExample:\n  echo '{"side":"long","size":0.5,"markPrice":60000,"rate":0.0001}' | npx smartspeed calc funding`,
    )
    .action(async (name: string | undefined, _options: object, own: Command) => {
      const { list, json } = own.optsWithGlobals<Flags>()
      const { calculate, calculationOf, calculations } = await import('../../operators/calculations/index.ts')
      const { describeParameters } = await import('../../operators/strategies/parameters.ts')
      if (list) {
        const all = calculations.map((one) => ({ ...about(one), arguments: describeParameters(one.arguments) }))
        return printResult(json, { calculations: all }, () => all.map(linesOf).join('\n\n'))
      }
      if (name === undefined) {
        throw new SmartspeedError('USAGE', 'calc: which formula?', { fix: 'smartspeed calc --list names them' })
      }
      const one = calculationOf(name)
      if (process.stdin.isTTY) note(`the arguments of ${name} as JSON, then Ctrl-D: smartspeed calc --list says which`)
      await printLine(toJson(calculate(one, parsed(name, await text(process.stdin)))))
    })
}

function about({ name, summary, gives, source }: Calculation) {
  return { name, summary, gives, source }
}

function linesOf(one: ReturnType<typeof about> & { readonly arguments: readonly string[] }): string {
  const { name, summary, gives, source } = one
  return [`${name}: ${summary}`, ...one.arguments.map((line) => `  ${line}`), `  → ${gives}`, `  ${source}`].join('\n')
}

/** Errors: CONFIG_INVALID for what is no JSON. */
function parsed(name: string, given: string): unknown {
  try {
    return JSON.parse(given)
  } catch (cause) {
    const seen = given.trim() === '' ? 'nothing' : `"${given.trim().slice(0, 60)}"`
    throw new SmartspeedError('CONFIG_INVALID', `calc ${name}: stdin holds ${seen}, which is no JSON`, {
      cause,
      fix: 'give the arguments as one JSON object; smartspeed calc --list names them',
    })
  }
}
