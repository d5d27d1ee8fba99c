import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

/* Lists, as Markdown, the tests that Vitest left out in the last `npm test`: CI shows what it did not try, and where. */

const REPORT = 'out/vitest.json'

if (existsSync(REPORT)) {
  const { testResults } = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    testResults: readonly {
      name: string
      assertionResults: readonly { fullName: string; status: string }[]
    }[]
  }
  const skipped = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => `- ${relative('.', name).replaceAll('\\', '/')}: ${fullName}`),
  )
  process.stdout.write(`### ${skipped.length} tests were not run on ${process.platform}\n\n`)
  process.stdout.write(skipped.map(line => `${line}\n`).join(''))
} else process.stdout.write('Vitest left no report: it did not come to its end.\n')
