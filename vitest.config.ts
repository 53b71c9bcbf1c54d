import { defineConfig } from 'vitest/config'

// One process a file: LMDB and the native addon are happier in processes than in threads.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    setupFiles: ['tests/seed.ts'],
    globalSetup: ['tests/services.ts'],
    pool: 'forks',
    // One a core; vitest alone would leave a core idle, which on two cores doubles the time.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
