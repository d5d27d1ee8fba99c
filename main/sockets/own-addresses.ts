import { networkInterfaces } from 'node:os'
import { normalizeAddress, type OwnAddress } from '../dtcp/host.ts'

/** Names that the systems give to adapters of containers, virtual machines and tunnels. */
const VIRTUAL_ADAPTER =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vnet|lxc|lxd|cni|flannel|cali|podman|kube|tun|tap|utun|wg|tailscale|zt|nordlynx|proton|ppp|ipsec|ham|gpd|llw|awdl|bridge\d|vethernet|vmware|virtualbox|hyper-v|openvpn|wireguard|teredo|isatap)/i

/** The addresses of this computer's adapters, as they are now. Link-local ones are left out: no peer has our zone. */
export function ownAddresses(): OwnAddress[] {
  let adapters: ReturnType<typeof networkInterfaces>
  try {
    adapters = networkInterfaces()
  } catch {
    // Some sandboxes forbid the question. Nothing is advertised then, and dialing still works.
    return []
  }
  return Object.entries(adapters).flatMap(([name, entries]) =>
    (entries ?? []).flatMap(({ address, cidr, internal }): OwnAddress[] => {
      const literal = normalizeAddress(address)
      const prefixLength = Number(cidr?.split('/')[1])
      if (literal === undefined || !Number.isInteger(prefixLength) || /^fe[89ab]/i.test(literal)) return []
      const virtual = VIRTUAL_ADAPTER.test(name)
      return [
        { address: literal, prefixLength, adapter: internal ? 'loopback' : virtual ? 'virtual' : 'physical' },
      ]
    }),
  )
}
