import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests start processes of their own; more of them at once would only wait for one another.
    maxWorkers: 2,
    setupFiles: ['./scripts/seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['{shared,kernel,server,scripts,bench}/**/*.test.ts', 'client/**/*.test.ts', 'notebooks/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
  },
});
