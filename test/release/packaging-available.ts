import { whereIs } from '../support/where-is.ts'

/** What electron-builder would download, and Debian has as well. */
const PROGRAMS = [
  { program: 'dpkg-deb', debianPackage: 'dpkg' },
  { program: 'mksquashfs', debianPackage: 'squashfs-tools' },
  { program: 'desktop-file-validate', debianPackage: 'desktop-file-utils' },
] as const

/** Debian's packages that packaging for Linux needs here, each with whether it is wanted and not here, as a sentence. */
export const PACKAGING_PACKAGES = PROGRAMS.map(({ program, debianPackage }) => ({
  debianPackage,
  missing: (): string | undefined =>
    process.platform !== 'linux' || whereIs(program) !== undefined
      ? undefined
      : `Packages cannot be built for the tests: get ${debianPackage} with "apt-get install ${debianPackage}" (Debian, Ubuntu).`,
}))

/** Why packages for Linux cannot be built here; undefined where they can. */
export function packagingMissing(): string | undefined {
  if (process.platform !== 'linux') return 'Packages for Linux are built on Linux.'
  return PACKAGING_PACKAGES.map(({ missing }) => missing()).find(sentence => sentence !== undefined)
}
