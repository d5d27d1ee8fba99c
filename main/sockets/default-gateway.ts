import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { endianness } from 'node:os'
import { join } from 'node:path'

const COMMAND_TIMEOUT_MS = 2_000

/** The IPv4 literal of the router that leads out of this network; undefined where there is none. Never rejects. */
export async function defaultGateway(): Promise<string | undefined> {
  try {
    switch (process.platform) {
      case 'linux':
        return readProcRoutes(await readFile('/proc/net/route', 'utf8'))
      case 'win32': {
        const system = process.env['SystemRoot'] ?? 'C:\\Windows'
        return readRoutePrint(await output(join(system, 'System32', 'route.exe'), ['print', '-4', '0.0.0.0']))
      }
      default:
        return readRouteGet(await output('/sbin/route', ['-n', 'get', 'default']))
    }
  } catch {
    return undefined
  }
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: COMMAND_TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
  })
}

const UP_AND_GATEWAY = 0x0003

/** Linux's /proc/net/route: addresses are words in the byte order of the machine, in hex. */
export function readProcRoutes(table: string): string | undefined {
  const routes = table.split('\n').flatMap(line => {
    const [, destination, gateway = '', flags = '0', , , metric, mask] = line.trim().split(/\s+/)
    const leadsOut = destination === '00000000' && mask === '00000000' && /^[0-9A-F]{8}$/.test(gateway)
    if (!leadsOut || (Number.parseInt(flags, 16) & UP_AND_GATEWAY) !== UP_AND_GATEWAY) return []
    const bytes = Buffer.from(gateway, 'hex')
    return [{ gateway: (endianness() === 'LE' ? bytes.reverse() : bytes).join('.'), metric: Number(metric) }]
  })
  return cheapest(routes)
}

/** What `route -n get default` says on macOS and the BSDs. */
export function readRouteGet(text: string): string | undefined {
  const gateway = /^\s*gateway:\s*(\S+)\s*$/m.exec(text)?.[1] ?? ''
  return isIPv4(gateway) ? gateway : undefined
}

/** What `route print` says on Windows. Its words are the person's language, its rows are numbers. */
export function readRoutePrint(text: string): string | undefined {
  const routes = text.split('\n').flatMap(line => {
    const [destination, mask, gateway = '', adapter = '', metric, ...more] = line.trim().split(/\s+/)
    const leadsOut = destination === '0.0.0.0' && mask === '0.0.0.0' && isIPv4(gateway) && isIPv4(adapter)
    return leadsOut && more.length === 0 ? [{ gateway, metric: Number(metric) }] : []
  })
  return cheapest(routes)
}

function cheapest(routes: readonly { gateway: string; metric: number }[]): string | undefined {
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.gateway
}
