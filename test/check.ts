import { runTool } from './support/tool.ts'

/** `npm run check`: types, lint with the import table, format. Runs all, and fails if one does. */

const CHECKS = [
  { tool: 'typescript', args: ['-p', '.'] },
  { tool: 'typescript', args: ['-p', 'renderer'] },
  { tool: 'typescript', args: ['-p', 'test/renderer'] },
  { tool: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { tool: '@biomejs/biome', args: ['ci', '--error-on-warnings'] },
] as const

const failed = CHECKS.filter(({ tool, args }) => {
  process.stdout.write(`${tool} ${args.join(' ')}\n`)
  return runTool(tool, args) !== 0
})

process.exitCode = failed.length === 0 ? 0 : 1
