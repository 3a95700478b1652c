import { defineConfig } from 'vitest/config';

// Two files at a time: each starts a server, kernels and a browser of its own, and mostly waits for one of them.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy with other things is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 120_000,
    include: ['e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
  },
});
