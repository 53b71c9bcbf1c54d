import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { heapFlags } from './bin/setup/index.mjs'
import { SlowFirst } from './tests/slow-first.ts'

// One process a file: LMDB and the native addon are happier in processes than in threads.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    setupFiles: ['tests/seed.ts'],
    globalSetup: ['tests/named.ts', 'tests/services.ts'],
    pool: 'forks',
    execArgv: heapFlags(process.execPath),
    // One more than cores: a fifth of what tests on Kafka take is waiting. Vitest alone would leave a core idle.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    // Vitest's own second is too short where other processes use the cores.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
})
