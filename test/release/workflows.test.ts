import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { releaseNotes } from './changelog.ts'

/* The workflows run elsewhere: what must stay true of them is held here. */

const Variables = z.record(z.string(), z.string())
const Permissions = z.record(z.string(), z.string())
const Step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  env: Variables.default({}),
  with: z.record(z.string(), z.unknown()).default({}),
})
const Job = z.object({
  uses: z.string().optional(),
  secrets: z.never().optional(),
  permissions: Permissions.optional(),
  env: Variables.default({}),
  'runs-on': z.string().optional(),
  'timeout-minutes': z.number().optional(),
  strategy: z.object({ matrix: z.object({ include: z.array(z.object({ runner: z.string() })) }) }).optional(),
  steps: z.array(Step).default([]),
})
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  env: z.never().optional(),
  jobs: z.record(z.string(), Job),
})

const ROOT = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
const workflows = globSync('.github/workflows/*.yml', { cwd: ROOT }).map(path => {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const { jobs, ...rest } = Workflow.parse(load(text))
  return { name: basename(path, '.yml'), text, jobs: Object.entries(jobs), ...rest }
})

/** What each secret is for: the steps that get it run this, and no other step does. */
const SECRETS: Readonly<Record<string, string>> = {
  WIN_CSC_LINK: 'npm run dist |',
  WIN_CSC_KEY_PASSWORD: 'npm run dist |',
  CSC_LINK: 'npm run dist |',
  CSC_KEY_PASSWORD: 'npm run dist |',
  APPLE_API_KEY: 'npm run dist |',
  APPLE_API_KEY_ID: 'npm run dist |',
  APPLE_API_ISSUER: 'npm run dist |',
  FEED_SSH_KEY: 'rsync ',
}
/** The only jobs that may do more than read, and only to the releases of the repository. */
const WRITERS = ['release: draft', 'publish: publish']

const secretsIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/secrets\.(\w+)/g)].map(([, name = '']) => name)

describe('the workflows', () => {
  it('are three', () => {
    expect(new Set(workflows.map(({ name }) => name))).toEqual(new Set(['publish', 'release', 'test']))
  })

  describe.each(workflows)('$name', ({ name, text, permissions, on, jobs }) => {
    it('may only read, but for the jobs that make a release', () => {
      expect(permissions).toEqual({ contents: 'read' })
      for (const [id, job] of jobs) {
        const isWriter = WRITERS.includes(`${name}: ${id}`)
        expect(job.permissions ?? { contents: 'read' }).toEqual({ contents: isWriter ? 'write' : 'read' })
      }
      // It would run what strangers propose, with all rights.
      expect(on).not.toHaveProperty('pull_request_target')
    })

    it('names only npm scripts that there are', () => {
      const named = [...text.matchAll(/^.*\bnpm run (?:-s )?([\w:]+)/gm)].map(([, script = '']) => script)
      for (const script of named) expect(scripts).toHaveProperty([script])
    })

    it('runs only files that there are', () => {
      for (const [, path = ''] of text.matchAll(/\bnode (test\/[\w./-]+)/g))
        expect(globSync(path, { cwd: ROOT })).toHaveLength(1)
    })

    it('uses only GitHub’s own actions, by their major version, and its own workflows', () => {
      for (const [, job] of jobs) {
        if (job.uses !== undefined) expect(job.uses).toBe('./.github/workflows/test.yml')
        for (const { uses } of job.steps)
          if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/)
      }
    })

    it('leaves no credentials behind, and ends', () => {
      for (const [, job] of jobs) {
        if (job.uses === undefined) expect(job['timeout-minutes']).toBeLessThanOrEqual(90)
        for (const step of job.steps)
          if (step.uses?.startsWith('actions/checkout@') === true)
            expect(step.with['persist-credentials']).toBe(false)
      }
    })

    it('gives each secret only to the step that it is for', () => {
      for (const [, job] of jobs) {
        expect(secretsIn(job.env)).toEqual([])
        for (const step of job.steps) {
          expect(secretsIn([step.with, step.run ?? ''])).toEqual([])
          for (const secret of secretsIn(step.env)) expect(step.run).toContain(SECRETS[secret])
        }
      }
      // None is anywhere else, and all of them under one name.
      const given = jobs.flatMap(([, job]) => job.steps.flatMap(step => secretsIn(step.env)))
      expect(secretsIn(text)).toEqual(given)
      expect(text).not.toMatch(/secrets\[|secrets: inherit/)
    })

    it('has no release key', () => {
      expect(text).not.toMatch(/PLUMB_RELEASE|release:keys/)
    })

    it('puts nothing from outside into a command', () => {
      for (const [, job] of jobs) for (const { run = '' } of job.steps) expect(run).not.toContain('${{')
    })
  })

  it('test and build on three systems', () => {
    for (const [name, ids] of [
      ['test', ['linux', 'elsewhere']],
      ['release', ['build']],
    ] as const) {
      const { jobs = [] } = workflows.find(workflow => workflow.name === name) ?? {}
      const runners = jobs
        .filter(([id]) => (ids as readonly string[]).includes(id))
        .flatMap(
          ([, job]) => job.strategy?.matrix.include.map(({ runner }) => runner) ?? [job['runs-on'] ?? ''],
        )
      const systems = runners.map(runner => runner.replace(/-.*/, ''))
      expect(systems).toHaveLength(3)
      expect(new Set(systems)).toEqual(new Set(['macos', 'ubuntu', 'windows']))
    }
  })
})

describe('the notes of a release', () => {
  const changelog =
    '# Changes\n\n## 1.2.0 (2026-11-28)\n\n- One.\n\n## [1.1.0-beta.2]\n\n- Two.\n\n## 1.0.0\n'

  it('are what the changelog says of the version', () => {
    expect(releaseNotes(changelog, '1.2.0', 'v1.2.0')).toBe('- One.\n')
    expect(releaseNotes(changelog, '1.1.0-beta.2')).toBe('- Two.\n')
  })

  it.each([
    ['1.0.0', undefined, 'says nothing of 1.0.0'],
    ['1.1.0', undefined, 'says nothing of 1.1.0'],
    ['1.2.0', 'v1.3.0', 'the tag would be v1.2.0'],
    ['1.2.0-rc.1', 'v1.2.0-rc.1', 'no version to release'],
  ])('are refused for %s under the tag %s', (version, tag, reason) => {
    expect(() => releaseNotes(changelog, version, tag)).toThrow(reason)
  })
})
