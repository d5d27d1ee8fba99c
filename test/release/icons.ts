import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconGen from 'icon-gen'
import { ROOT } from './root.ts'

/* `npm run icons`: makes every icon of the app from resources/icon.svg. They are committed: building needs no tool for it. */

const RESOURCES = join(ROOT, 'resources')
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 128, 256]
const MAC_SIZES = [16, 32, 64, 128, 256, 512, 1024]
/** On macOS an icon has a margin: 824 of 1024 are the shape. */
const MAC_VIEW_BOX = '-62 -62 636 636'

// Its types are those of another kind of module.
const generateIcon = iconGen as unknown as typeof iconGen.default

const source = join(RESOURCES, 'icon.svg')
const work = await mkdtemp(join(tmpdir(), 'plumb-icons-'))
try {
  const mac = join(work, 'mac.svg')
  const drawing = await readFile(source, 'utf8')
  if (!drawing.includes('viewBox="0 0 512 512"')) throw new Error('icon.svg is not 512 by 512 any more')
  await writeFile(mac, drawing.replace('viewBox="0 0 512 512"', `viewBox="${MAC_VIEW_BOX}"`))
  await generateIcon(source, RESOURCES, { ico: { name: 'icon', sizes: WINDOWS_SIZES }, report: false })
  await generateIcon(mac, RESOURCES, { icns: { name: 'icon', sizes: MAC_SIZES }, report: false })
  await generateIcon(source, work, {
    favicon: { name: 'icon-', pngSizes: LINUX_SIZES, icoSizes: [16] },
    report: false,
  })
  await mkdir(join(RESOURCES, 'icons'), { recursive: true })
  for (const size of LINUX_SIZES)
    await copyFile(join(work, `icon-${size}.png`), join(RESOURCES, 'icons', `${size}x${size}.png`))
} finally {
  await rm(work, { recursive: true })
}
