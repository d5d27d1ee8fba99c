import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@playwright/test'
import { AppDriver, type AppOptions } from '../../support/app-driver.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from '../../support/xmpp-server.ts'

export const DOMAIN = 'plumb.test'

/** A server with Alice, Bob and Eve; Alice and Bob are contacts. */
export function startServer(options: Partial<XmppServerOptions> = {}): Promise<XmppServer> {
  return startXmppServer({
    domain: DOMAIN,
    accounts: { alice: 'her password', bob: 'his password', eve: 'her secret' },
    contacts: [['alice', 'bob']],
    ...options,
  })
}

/** Alice and Bob, signed in, each with the other's conversation open. */
export async function twoPeople(
  server: XmppServer,
  options: Omit<AppOptions, 'server'> = {},
): Promise<{
  readonly alice: AppDriver
  readonly bob: AppDriver
}> {
  const start = (): Promise<AppDriver> => AppDriver.start({ server, ...options })
  const [alice, bob] = await Promise.all([start(), start()])
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await bob.signIn(`bob@${DOMAIN}`, 'his password')
  await Promise.all([alice.seesDirect('bob'), bob.seesDirect('alice')])
  return { alice, bob }
}

interface AtTheirWindows {
  readonly server: XmppServer
  readonly alice: AppDriver
  readonly bob: AppDriver
  /** For files; it goes with them. */
  readonly folder: string
}

/** The same two through all tests of a file, which run one after the other: that is sooner done than two for each. */
export function startTwoPeopleOnce(started: (two: AtTheirWindows) => void): void {
  let two: AtTheirWindows | undefined
  test.describe.configure({ mode: 'serial' })
  test.beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
    const server = await startServer()
    two = { folder, server, ...(await twoPeople(server)) }
    started(two)
  })
  test.afterAll(async () => {
    await two?.alice[Symbol.asyncDispose]()
    await two?.bob[Symbol.asyncDispose]()
    await two?.server.close()
    if (two !== undefined) await rm(two.folder, { recursive: true, force: true })
  })
}
