import { resolveSrv, type SrvRecord } from 'node:dns'
import { isIP } from 'node:net'
import { promisify } from 'node:util'

/** `required`: STARTTLS or nothing. `direct`: TLS from the first byte (XEP-0368). `off`: loopback only. */
export type TlsMode = 'required' | 'direct' | 'off'

/** One place where the server may answer. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly tls: TlsMode
}

const STARTTLS_PORT = 5222
const DIRECT_TLS_PORT = 5223

/**
 * Where the server of a domain is, best first: its SRV records (RFC 6120 section 3.2.1, XEP-0368) as far as
 * they fit `tls`, or the domain itself where it has none. A DNS server that does not answer counts as none.
 */
export async function findServer(domain: string, tls: TlsMode | undefined): Promise<ServerAddress[]> {
  const fallback: ServerAddress =
    tls === 'direct'
      ? { host: domain, port: DIRECT_TLS_PORT, tls }
      : { host: domain, port: STARTTLS_PORT, tls: tls ?? 'required' }
  if (isIP(domain) !== 0 || domain === 'localhost') return [fallback]
  const [direct, starttls] = await Promise.all([
    tls === undefined || tls === 'direct' ? lookUp(`_xmpps-client._tcp.${domain}`) : [],
    tls === undefined || tls === 'required' ? lookUp(`_xmpp-client._tcp.${domain}`) : [],
  ])
  const records = [
    ...direct.map(record => ({ ...record, tls: 'direct' as const })),
    ...starttls.map(record => ({ ...record, tls: 'required' as const })),
  ]
  if (records.length === 0) return [fallback]
  return inOrder(records)
    .filter(({ name }) => name !== '' && name !== '.')
    .map(record => ({ host: record.name, port: record.port, tls: record.tls }))
}

async function lookUp(name: string): Promise<SrvRecord[]> {
  try {
    return await promisify(resolveSrv)(name)
  } catch {
    return []
  }
}

/** RFC 2782: by priority, and within one by a draw that weighs each record. */
function inOrder<T extends SrvRecord>(records: readonly T[]): T[] {
  const drawn = records.map(record => ({ record, draw: Math.random() ** (1 / Math.max(record.weight, 0.1)) }))
  return drawn
    .toSorted((a, b) => a.record.priority - b.record.priority || b.draw - a.draw)
    .map(({ record }) => record)
}
