import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { normalizeAddress, type OwnAddress } from '../dtcp/host.ts'

/** Names that the systems, and what is installed on them, give to adapters of containers, virtual machines and tunnels. */
const VIRTUAL_ADAPTERS = [
  // Containers. OpenWrt calls its own network br-lan.
  /^(docker|br-(?!lan)|veth(?!ernet)|cni|flannel|vxlan|cali|cilium|weave|antrea|podman|nerdctl|kube|nodelocaldns)/i,
  /^(lxc|lxd|incus|anbox|waydroid|dummy)/i,
  // Virtual machines.
  /^(virbr|vnet|vmnet|vmenet|vnic|vboxnet|mpqemubr|bridge\d|hyper-v|vmware|virtualbox|parallels)/i,
  /^vethernet \((wsl|default switch|nat|hns|docker|minikube|cbr)/i,
  // Tunnels.
  /^(tun|tap|utun|wg|ipsec|vti|gre|sit|ip6tnl|ipip|teredo|isatap|6to4|gif|stf|he-ipv6)/i,
  /^(tailscale|zt|zerotier|feth|wt\d|netbird|nebula|ygg|edge\d|ham|radmin|cloudflare|warp|nord|proton|pvpn)/i,
  /^(mullvad|surfshark|outline|openvpn|wireguard|gpd|pangp|cscotun|cisco|forti|fctvpn|clash|mihomo|sing-?box)/i,
  // Windows lets people name the switches of Hyper-V, which may be the way out.
  /^(?!vethernet).*(vpn|virtual|tunnel|wintun|host-only|loopback)/i,
  // Apple's links between its own devices.
  /^(llw|awdl|anpi)/i,
]

/**
 * Dial-up may be a tunnel or the only way out, and Hyper-V moves the address of a network card to an adapter
 * of its own: these are taken for physical where no other adapter is.
 */
const SOMETIMES_VIRTUAL = /^(ppp|vethernet)/i

/**
 * The addresses of this computer's adapters, as they are now, in the system's order; of IPv6, those that stay
 * before those that are replaced daily. Link-local ones are left out: no peer has our zone.
 */
export function ownAddresses(): OwnAddress[] {
  let adapters: ReturnType<typeof networkInterfaces>
  try {
    adapters = networkInterfaces()
  } catch {
    // Some sandboxes forbid the question. Nothing is advertised then, and dialing still works.
    return []
  }
  const flags = readIPv6Flags()
  const found = Object.entries(adapters).flatMap(([name, entries]) =>
    (entries ?? []).flatMap(({ address, cidr, internal }) => {
      const literal = normalizeAddress(address)
      const prefixLength = Number(cidr?.split('/')[1])
      if (literal === undefined || !Number.isInteger(prefixLength) || /^fe[89ab]/i.test(literal)) return []
      const flag = flags.get(literal) ?? 0
      if ((flag & UNUSABLE) !== 0) return []
      const virtual = VIRTUAL_ADAPTERS.some(pattern => pattern.test(name))
      const kind = internal
        ? 'loopback'
        : virtual
          ? 'virtual'
          : SOMETIMES_VIRTUAL.test(name)
            ? 'doubtful'
            : 'physical'
      return [{ address: literal, prefixLength, kind, temporary: (flag & TEMPORARY) !== 0 } as const]
    }),
  )
  const doubtful = found.some(({ kind }) => kind === 'physical') ? 'virtual' : 'physical'
  return found
    .toSorted((a, b) => Number(a.temporary) - Number(b.temporary))
    .map(({ address, prefixLength, kind }) => ({
      address,
      prefixLength,
      adapter: kind === 'doubtful' ? doubtful : kind,
    }))
}

const TEMPORARY = 0x01
/** Deprecated, not yet known to be ours alone, or known not to be. */
const UNUSABLE = 0x20 | 0x40 | 0x08

/** What Node does not tell of an IPv6 address, by the canonical literal. Only Linux says it without a program. */
function readIPv6Flags(): Map<string, number> {
  if (process.platform !== 'linux') return new Map()
  try {
    const lines = readFileSync('/proc/net/if_inet6', 'utf8').split('\n')
    return new Map(
      lines.flatMap(line => {
        const [digits = '', , , , flags = ''] = line.trim().split(/\s+/)
        const literal = normalizeAddress(digits.match(/.{4}/g)?.join(':') ?? '')
        return literal === undefined ? [] : [[literal, Number.parseInt(flags, 16)]]
      }),
    )
  } catch {
    return new Map()
  }
}
