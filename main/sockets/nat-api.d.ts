/*
 * The parts of the library that are used, which has no types of its own. Its class for everything tries one
 * protocol after the other and answers with no more than yes or no, so its clients are used one by one.
 */

declare module '@silentbot1/nat-api/lib/pmp/index.js' {
  import type { RemoteInfo, Socket } from 'node:dgram'
  import type { EventEmitter } from 'node:events'

  /** NAT-PMP (RFC 6886). Asks once, and waits for the answer for ever; a refusal has the result as its `code`. */
  export default class Client extends EventEmitter {
    constructor(gateway: string)
    readonly gateway: string
    readonly socket: Socket
    protected _connecting: boolean
    connect(): void
    onMessage(message: Buffer, from: RemoteInfo): void
    externalIp(): Promise<string>
    portMapping(mapping: PortMapping): Promise<{ public: number; private: number; ttl: number }>
    portUnmapping(mapping: Omit<PortMapping, 'ttl'>): Promise<unknown>
    close(): Promise<void>
  }

  interface PortMapping {
    readonly type: 'tcp' | 'udp'
    readonly private: number
    readonly public: number
    /** Seconds. */
    readonly ttl: number
  }
}

declare module '@silentbot1/nat-api/lib/upnp/ssdp.js' {
  import type { EventEmitter } from 'node:events'
  import type { NetworkInterfaceInfo } from 'node:os'

  /** Finds devices by multicast. Emits `_device` with the headers of every answer. */
  export default class Ssdp extends EventEmitter<{ _device: [headers: Record<string, string>] }> {
    constructor()
    multicast: string
    port: number
    /** Called by the constructor. */
    createSockets(): void
    createSocket(adapter: Pick<NetworkInterfaceInfo, 'family' | 'address'>): void
    /** Rejects when nothing answered in time; the first answer is as good as any. */
    search(device: string, timeoutMs: number): Promise<unknown>
    destroy(): Promise<unknown>
  }
}

declare module '@silentbot1/nat-api/lib/upnp/device.js' {
  export type Arguments = (readonly [name: string, value: unknown])[]

  /** SOAP with one device, whose description is fetched anew for each action. */
  export default class Device {
    constructor(options: { readonly url: string; readonly permanentFallback: boolean })
    /** The first of these that the device has is used. */
    services: string[]
    run(action: string, args: Arguments): Promise<Record<string, unknown>>
  }
}

declare module '@silentbot1/nat-api/lib/upnp/index.js' {
  import type Device from '@silentbot1/nat-api/lib/upnp/device.js'
  import type Ssdp from '@silentbot1/nat-api/lib/upnp/ssdp.js'

  /** UPnP's Internet Gateway Device, versions 1 and 2. */
  export default class Client {
    readonly ssdp: Ssdp
    findGateway(): Promise<{ gateway: Device; address: string }>
    externalIp(): Promise<unknown>
    /** Resolves with the body of the answer, which may still be a fault. */
    portMapping(mapping: {
      readonly public: number
      readonly private: { readonly host: string; readonly port: number }
      readonly protocol: 'TCP' | 'UDP'
      readonly description: string
      /** Seconds. */
      readonly ttl: number
    }): Promise<Record<string, unknown>>
    portUnmapping(mapping: { readonly public: number; readonly protocol: 'TCP' | 'UDP' }): Promise<unknown>
  }
}
