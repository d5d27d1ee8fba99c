import * as z from 'zod'

/** What was found about how others can reach this computer. */
export const Reach = z.strictObject({
  /** IP literals that would be told to a contact, best first. */
  addresses: z.array(
    z.strictObject({
      address: z.string(),
      kind: z.enum(['local', 'global', 'mapped', 'virtual', 'loopback']),
      /** Whether it gets one of the three places. */
      told: z.boolean(),
    }),
  ),
  mapping: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('off') }),
    z.strictObject({ kind: z.literal('asking') }),
    z.strictObject({
      kind: z.literal('mapped'),
      protocol: z.enum(['upnp', 'nat-pmp', 'pcp']),
      /** `address:port` as others see it. */
      external: z.string(),
    }),
    /** No router answered, or it refused; the sentence says which. */
    z.strictObject({ kind: z.literal('none'), message: z.string() }),
  ]),
  /** The server's SOCKS5 proxy (XEP-0065), its JID; null where it has none. */
  proxy: z.string().nullable(),
  /** What would make direct transfers work, one sentence each; empty where nothing is in the way. */
  advice: z.array(z.string()),
})
export type Reach = z.infer<typeof Reach>
