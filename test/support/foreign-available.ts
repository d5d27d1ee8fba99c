import { existsSync, globSync } from 'node:fs'
import { whereIs } from './where-is.ts'

const SLIXMPP = {
  debianPackage: 'python3-slixmpp',
  isHere: () => existsSync('/usr/lib/python3/dist-packages/slixmpp'),
}
const PKG_CONFIG = { debianPackage: 'pkg-config', isHere: () => whereIs('pkg-config') !== undefined }

/** What each foreign program is made of, by Debian's packages. */
const NEEDS = {
  slixmpp: [SLIXMPP],
  libpurple: [
    { debianPackage: 'libpurple-dev', isHere: () => existsSync('/usr/include/libpurple/purple.h') },
    { debianPackage: 'gcc', isHere: () => whereIs('gcc') !== undefined },
    PKG_CONFIG,
  ],
  QXmpp: [
    { debianPackage: 'libqxmpp-dev', isHere: () => existsSync('/usr/include/qxmpp/QXmppClient.h') },
    { debianPackage: 'qtbase5-dev', isHere: () => globSync('/usr/include/*/qt5/QtCore').length > 0 },
    { debianPackage: 'g++', isHere: () => whereIs('g++') !== undefined },
    PKG_CONFIG,
  ],
} as const

/** Programs of others that files are exchanged with, by the library that makes them. */
export type ForeignName = keyof typeof NEEDS

/** Undefined when it can be built and started here, otherwise a sentence that says how to get it. */
export function foreignMissing(name: ForeignName): string | undefined {
  const missing = NEEDS[name].filter(({ isHere }) => !isHere()).map(({ debianPackage }) => debianPackage)
  if (missing.length === 0) return undefined
  return `${name} cannot be tested here: get it with "apt-get install ${missing.join(' ')}" (Debian, Ubuntu).`
}

/** Debian's packages for all of them, each with whether it is missing, as a sentence. */
export const FOREIGN_PACKAGES = [...new Set(Object.values(NEEDS).flat())].map(
  ({ debianPackage, isHere }) => ({
    debianPackage,
    missing: () =>
      isHere()
        ? undefined
        : `Programs of others cannot be tested: get ${debianPackage} with "apt-get install ${debianPackage}" (Debian, Ubuntu).`,
  }),
)
