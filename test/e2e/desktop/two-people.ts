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
