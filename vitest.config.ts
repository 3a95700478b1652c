import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node would take Solid's build for servers, in which nothing reacts.
  resolve: {
    alias: {
      'solid-js/store': fileURLToPath(import.meta.resolve('solid-js/store/dist/store.js')),
      'solid-js': fileURLToPath(import.meta.resolve('solid-js/dist/solid.js')),
    },
  },
  test: {
    pool: 'forks',
    // Tests start processes of their own; more of them at once would only wait for one another.
    maxWorkers: 2,
    setupFiles: ['./scripts/seed.ts'],
    globalSetup: ['./scripts/test-run.ts'],
    // A machine that is busy with other things is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 120_000,
    exclude: ['**/node_modules/**', '**/dist/**'],
    projects: [
      {
        extends: true,
        test: {
          name: 'product',
          // What they import is the same, and loading it is half of their time.
          isolate: false,
          include: ['{shared,client,server,scripts,bench}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          // A backend, once chosen, is its process's for good.
          isolate: true,
          include: ['{kernel,notebooks}/**/*.test.ts'],
        },
      },
    ],
  },
});
