import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { nodeFlags } from './bin/setup/index.mjs'
import { alone } from './tests/alone.ts'
import { SlowFirst } from './tests/slow-first.ts'

// Processes: LMDB and the native addon are happier in them than in threads. Files share a few: a start, with the modules that a file
// imports, takes half a second of a core, and most files take less.
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: [...alone] } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          isolate: false,
        },
      },
    ],
    setupFiles: ['tests/seed.ts'],
    globalSetup: ['tests/named.ts', 'tests/services.ts'],
    pool: 'forks',
    execArgv: nodeFlags(process.execPath),
    // One more than cores: a fifth of what tests on Kafka take is waiting. Vitest alone would leave a core idle.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    // Vitest's own second is too short where other processes use the cores.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
})
