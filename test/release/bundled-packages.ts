import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** Where the build notes of which packages each bundle is made. */
export const BUNDLED = 'out/bundled'

/** Notes the folders of the packages that are in a bundle: what is shipped is named with its licence. */
export function noteBundledPackages(bundle: string): Plugin {
  return {
    name: 'plumb-note-bundled-packages',
    generateBundle(_, outputs) {
      const folders = new Set<string>()
      for (const output of Object.values(outputs)) {
        if (output.type !== 'chunk') continue
        for (const [id, { renderedLength }] of Object.entries(output.modules)) {
          const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/@]+(?=\/)/.exec(
            id.replace(/^\0/, '').replaceAll('\\', '/'),
          )
          if (folder !== null && renderedLength > 0) folders.add(folder[0])
        }
      }
      mkdirSync(BUNDLED, { recursive: true })
      writeFileSync(join(BUNDLED, `${bundle}.json`), `${JSON.stringify([...folders].sort(), null, 2)}\n`)
    },
  }
}
