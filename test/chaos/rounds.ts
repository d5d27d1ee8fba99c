import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '../support/certificates.ts'
import { atServer } from '../support/headless.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'
import { DISK_BYTES, type RoundResult, round } from './round.ts'

export interface RoundsOptions {
  /** Of the first round; each further one has the next. */
  readonly seed: number
  readonly rounds: number
  /** How many run at once. */
  readonly lanes: number
  readonly done?: (result: RoundResult) => void
}

const DOMAIN = 'plumb.test'

/** Runs rounds side by side, each with its own server and accounts. Throws at the first one that fails. */
export async function rounds({ seed, rounds: count, lanes, done }: RoundsOptions): Promise<RoundResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-chaos-'))
  const results: RoundResult[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    const place = await startPlace(folder)
    try {
      while (next < count) {
        const ofRound = seed + next++
        const result = await round({
          seed: ofRound,
          folder: await mkdtemp(join(folder, `round-${ofRound}-`)),
          at: place.at,
          accounts: { sender: 'alice', receiver: 'bob' },
          domain: DOMAIN,
          restartServer: () => place.restart(),
          disk: place.disk,
        })
        results.push(result)
        done?.(result)
      }
    } catch (error) {
      next = count
      throw error
    } finally {
      await place.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane))
    return results
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** A server that can be started again at the same place. */
async function startPlace(folder: string) {
  const ca = await createCertificateAuthority()
  const start = (port?: number): Promise<XmppServer> =>
    startXmppServer({
      domain: DOMAIN,
      accounts: { alice: 'secret', bob: 'secret' },
      contacts: [['alice', 'bob']],
      ca,
      ...(port === undefined ? {} : { port }),
    })
  let server = await start()
  const { host, port } = server
  const caFile = join(folder, `ca-${port}.pem`)
  await writeFile(caFile, server.caPem)
  const disk = await mountDisk(join(folder, `disk-${port}`))
  return {
    at: atServer({ host, port, caFile }),
    restart: async () => {
      await server.close()
      server = await start(port)
    },
    disk,
    close: async () => {
      await server.close()
      if (disk !== undefined) execFileSync('umount', [disk])
    },
  }
}

/** A small disk at this path; undefined where this system gives none. */
async function mountDisk(path: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined
  await mkdir(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path], { stdio: 'ignore' })
    return path
  } catch {
    return undefined
  }
}
