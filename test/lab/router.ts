import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { givesMappings, isPrivate, type Kind } from './kinds.ts'
import type { Namespace } from './namespace.ts'
import { untilSaid } from './until-said.ts'

/** The devices of a router are called so. */
export const WAN = 'wan'
export const LAN = 'lan'

export interface RouterOptions {
  readonly kind: Kind
  /** Its devices are up and have their addresses. */
  readonly namespace: Namespace
  /** The network that may ask for mappings, as CIDR. */
  readonly lan: string
  /** For its files. */
  readonly folder: string
}

/** Makes a router of a namespace: it forwards, with the rules of its kind. */
export async function startRouter({ kind, namespace, lan, folder }: RouterOptions): Promise<void> {
  await namespace.run('tee', ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'], '1')
  await namespace.run('nft', ['-f', '-'], rules(kind))
  if (!givesMappings(kind)) return
  const configuration = join(folder, `${namespace.name}.conf`)
  await writeFile(configuration, mapperConfiguration(kind, lan, join(folder, `${namespace.name}.leases`)))
  const mapper = namespace.start('miniupnpd', ['-d', '-f', configuration, '-P', `${configuration}.pid`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await untilSaid(mapper, kind === 'nat+upnp' ? /HTTP listening/ : /Listening for NAT-PMP/)
}

/** How many ports the router forwards at somebody's wish. */
export async function countMappings(namespace: Namespace): Promise<number> {
  const chain = await namespace.run('nft', ['list', 'chain', 'inet', 'router', 'mapped_in'])
  return chain.split('\n').filter(line => line.includes(' dnat ')).length
}

/** Packets that may not pass vanish: an answer would only make it quicker for those who try. */
function rules(kind: Kind): string {
  if (kind === 'open') return ''
  if (!isPrivate(kind)) {
    return `
      table inet router {
        chain forward {
          type filter hook forward priority filter
          ct state established,related accept
          iifname ${WAN} drop
        }
      }`
  }
  // Ports on the outside are chosen anew for each connection, so that nothing works by the luck of finding them kept.
  return `
    table inet router {
      chain mapped { }
      chain mapped_in { }
      chain mapped_out { }
      chain forward {
        type filter hook forward priority filter
        ct state established,related accept
        ${kind === 'nat+ipv6' ? 'meta nfproto ipv6 accept' : ''}
        jump mapped
        iifname ${WAN} drop
      }
      chain input {
        type filter hook input priority filter
        iifname ${WAN} drop
      }
      chain prerouting {
        type nat hook prerouting priority dstnat
        jump mapped_in
      }
      chain postrouting {
        type nat hook postrouting priority srcnat
        jump mapped_out
        oifname ${WAN} meta nfproto ipv4 masquerade fully-random
      }
    }`
}

function mapperConfiguration(kind: 'nat+upnp' | 'nat+pmp', lan: string, leases: string): string {
  const yes = (whether: boolean): string => (whether ? 'yes' : 'no')
  return `
ext_ifname=${WAN}
listening_ip=${LAN}
enable_upnp=${yes(kind === 'nat+upnp')}
enable_natpmp=${yes(kind === 'nat+pmp')}
secure_mode=yes
ipv6_disable=yes
upnp_table_name=router
upnp_nat_table_name=router
upnp_forward_chain=mapped
upnp_nat_chain=mapped_in
upnp_nat_postrouting_chain=mapped_out
lease_file=${leases}
uuid=00000000-0000-0000-0000-000000000001
serial=1
allow 1024-65535 ${lan} 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
`
}
