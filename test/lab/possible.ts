import { existsSync } from 'node:fs'
import { whereIs } from '../support/where-is.ts'
import { Namespace } from './namespace.ts'

/** What the lab starts, and where Debian has it. */
const PROGRAMS = [
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'nft', debianPackage: 'nftables' },
  { program: 'miniupnpd', debianPackage: 'miniupnpd-nftables' },
  { program: 'gcc', debianPackage: 'gcc' },
  { program: 'prosody', debianPackage: 'prosody' },
  { program: 'setpriv', debianPackage: 'util-linux' },
] as const

/** What it compiles with, beside gcc. */
const HEADERS = { file: '/usr/include/stdio.h', debianPackage: 'libc6-dev' } as const

/** Debian's packages that the lab needs, each with whether it is wanted and not here, as a sentence. */
export const LAB_PACKAGES = [
  ...PROGRAMS.map(({ program, debianPackage }) => ({
    debianPackage,
    isHere: () => whereIs(program) !== undefined,
  })),
  { debianPackage: HEADERS.debianPackage, isHere: () => existsSync(HEADERS.file) },
].map(({ debianPackage, isHere }) => ({
  debianPackage,
  missing: (): string | undefined =>
    labForbidden() !== undefined || isHere()
      ? undefined
      : `The network lab needs ${debianPackage}: get it with "apt-get install ${debianPackage}" (Debian, Ubuntu).`,
}))

export interface LabMissing {
  /** As a sentence. */
  readonly reason: string
  /** Whether something can be installed against it. */
  readonly canBeMended: boolean
}

/** Why there can be no lab here; undefined where there can be one. */
export async function labMissing(): Promise<LabMissing | undefined> {
  const forbidden = labForbidden()
  if (forbidden !== undefined) return { reason: forbidden, canBeMended: false }
  const missing = LAB_PACKAGES.map(each => each.missing()).find(sentence => sentence !== undefined)
  if (missing !== undefined) return { reason: missing, canBeMended: true }
  const impossible = await labImpossible()
  return impossible === undefined ? undefined : { reason: impossible, canBeMended: false }
}

function labForbidden(): string | undefined {
  if (process.platform === 'linux' && process.getuid?.() === 0) return undefined
  return 'The network lab needs root on Linux.'
}

/** What a kernel without NAT refuses. */
const TRIAL_RULES = `
table inet trial {
  chain out {
    type nat hook postrouting priority srcnat
    masquerade
  }
}`

/** Some containers give root, and no networks: only trying tells. */
async function labImpossible(): Promise<string | undefined> {
  try {
    await using namespace = await Namespace.make('trial')
    await namespace.run('tee', ['/proc/sys/net/ipv4/ip_forward'], '1')
    await namespace.run('nft', ['-f', '-'], TRIAL_RULES)
    await namespace.ip('tuntap add dev trial mode tun')
    return undefined
  } catch (error) {
    return `The network lab is not possible on this machine: ${error instanceof Error ? error.message : String(error)}`
  }
}
