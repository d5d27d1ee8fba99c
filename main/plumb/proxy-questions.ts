import type { ProxyQuestions } from '../bytestreams/proxy.ts'
import type { IqRouter } from '../xmpp/iq.ts'
import { bareJid, normalizeJid } from '../xmpp/stanza.ts'
import { type Discovery, hasIdentity } from '../xmpp/xep-0030.ts'
import { NS_BYTESTREAMS, readStreamhosts, writeAddressQuery } from '../xmpp/xep-0065.ts'

/** What a ProxyFinder asks, over XMPP. `domain`: of the own server. */
export function proxyQuestions(iq: IqRouter, discovery: Discovery, domain: () => string): ProxyQuestions {
  return {
    services: async signal => {
      const items = await discovery.itemsOf(domain(), { signal })
      // Some servers have the proxy under their own name.
      const jids = [domain(), ...items].map(jid => normalizeJid(jid) ?? '')
      return [...new Set(jids)].filter(isService)
    },
    isProxy: async (service, signal) => {
      const info = await discovery.infoOf(service, undefined, { signal })
      return hasIdentity(info, 'proxy', 'bytestreams')
    },
    addressesOf: async (service, signal) => {
      const result = await iq.request('get', service, writeAddressQuery(), { signal })
      const query = result.getChild('query', NS_BYTESTREAMS)
      const hosts = (query && readStreamhosts(query)) ?? []
      // It speaks for itself only; ejabberd's adds a resource to its name.
      const ours = hosts.filter(({ jid }) => serviceOf(normalizeJid(jid) ?? '') === service)
      return { jid: service, addresses: ours.map(({ host, port }) => ({ host, port })) }
    },
  }
}

/** A domain: neither a person nor one of a person's devices. */
export function isService(jid: string): boolean {
  return serviceOf(jid) === jid
}

/** The domain that speaks for a service, of a JID with or without a resource; undefined for a person's. */
export function serviceOf(jid: string): string | undefined {
  const bare = bareJid(jid)
  return bare === '' || bare.includes('@') ? undefined : bare
}
