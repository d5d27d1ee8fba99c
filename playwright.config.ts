import { defineConfig } from '@playwright/test'

/* The built app, window by window. `npm test` runs it behind Vitest's tests. */
export default defineConfig({
  projects: [
    // Two apps with a browser each, one test after the other, and the screens beside them: that is what two cores carry.
    { name: 'app', testDir: 'test/e2e', workers: 1 },
    { name: 'screens', testDir: 'test/screens', fullyParallel: true },
  ],
  testMatch: '**/*.spec.ts',
  outputDir: 'out/test-results',
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
})
