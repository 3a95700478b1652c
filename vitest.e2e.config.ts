import { defineConfig } from 'vitest/config';

// One file at a time: each starts a server, a kernel and a browser, and shares the machine with nothing else.
export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    // A machine that is busy with other things is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 120_000,
    include: ['e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
  },
});
