// `smartspeed mirror`: topics, and a run with what it read, from one engine or folder to another.
import type { Command } from 'commander'
import type { MirrorCall } from '../mirror.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult } from '../output.ts'

const more = `
A mirror keeps partitions and row numbers, so that a run's journal means the same there: parity proves the run on another
machine, without the broker. --brokers and --registry say where Kafka is, --dir which folder, whichever end it is; where both
ends are of one engine, --to-dir (or --to-brokers and --to-registry) says the second. It may be stopped, or killed, and started
again; what grew since is added. A target that holds other rows is refused with the first difference.

Without --run all market topics are copied; with it the run, and the topics that it read as far as it read them.

Example:
  npx smartspeed mirror --from embedded --to embedded --to-dir ./mirror --run sma-cross-1

From a broker to a folder:
  npx smartspeed mirror --from kafka --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081/apis/ccompat/v7 \\
    --to embedded --dir ./mirror --run sma-cross-1
  npx smartspeed parity sma-cross-1 --dir ./mirror`

export function register(program: Command): void {
  program
    .command('mirror')
    .description('copy topics, and a run with what it read, to another engine or folder; resumable')
    .requiredOption('--from <engine>', 'where they are: embedded (--dir) or kafka (--brokers, --registry)')
    .requiredOption('--to <engine>', 'where they shall be: embedded or kafka')
    .option('--run <run>', 'also this run: journal, snapshots, outputs, and the inputs that it pinned')
    .option('--topics <topic...>', 'these market topics instead of all, for example trades quotes')
    .option('--to-dir <path>', 'folder of the target; --dir when left out')
    .option('--to-brokers <host:port,…>', 'brokers of the target; --brokers when left out')
    .option('--to-registry <url>', 'registry of the target; --registry when left out')
    .option('--to-prefix <text>', 'what stands before the names of topics in the target; --prefix when left out')
    .option('--verify', 'compare every row that is there already, also those that an earlier mirror copied')
    .addHelpText('after', more)
    .action(async (_options: object, own: Command) => {
      const options = own.optsWithGlobals<GlobalOptions & MirrorCall>()
      const { mirroredText, runMirror } = await import('../mirror.ts')
      const done = await runMirror(options)
      await printResult(options.json, done, () => mirroredText(done, options.run))
    })
}
