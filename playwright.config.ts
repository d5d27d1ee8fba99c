import { defineConfig } from '@playwright/test'

/* The built app, window by window. `npm test` runs it behind Vitest's tests. */
export default defineConfig({
  testDir: 'test',
  testMatch: '**/*.spec.ts',
  outputDir: 'out/test-results',
  // Each test has two apps with a browser each: that is what two cores carry.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
})
