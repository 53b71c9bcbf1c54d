// Suites that are named on the command line run, however long they take: `npm test -- kafka-faults`.
import { parseCLI } from 'vitest/node'

/** Vitest calls this before the workers start, which get the environment as it is then. */
export default function setup(): void {
  const { filter } = parseCLI(['vitest', ...process.argv.slice(2)], { allowUnknownOptions: true })
  if (filter.length > 0)
    process.env.SMARTSPEED_REQUIRE = [process.env.SMARTSPEED_REQUIRE, 'time'].filter(Boolean).join()
}
