import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    include: ['test/**/*.test.ts'],
    exclude: ['test/host/**', 'test/corpus/**'],
    testTimeout: 30_000,
    // Starting a process or a browser takes its time on a busy machine, and how long is not what a test is about.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
