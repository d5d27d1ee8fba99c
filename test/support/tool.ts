import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../../', import.meta.url)

/**
 * Runs a tool that is written for Node, by its package, and returns its exit status. Not by its name: what
 * stands in node_modules/.bin can be started on Windows only through a shell, which would read the arguments.
 */
export function runTool(packageName: string, args: readonly string[]): number {
  const folder = new URL(`node_modules/${packageName}/`, ROOT)
  const { bin } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    bin: string | Record<string, string>
  }
  const name = packageName.split('/').at(-1) ?? packageName
  const script = typeof bin === 'string' ? bin : (bin[name] ?? Object.values(bin)[0])
  if (script === undefined) throw new Error(`${packageName} brings no program`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(script, folder)), ...args], {
    cwd: fileURLToPath(ROOT),
    stdio: 'inherit',
  })
  return status ?? 1
}
