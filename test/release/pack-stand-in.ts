import { join } from 'node:path'
import { pack } from './build.ts'
import { makeStandInElectron } from './stand-in-electron.ts'

/*
 * Packs the bundles that are there around a stand-in for Electron, as `npm run dist` does around Electron itself:
 * node test/release/pack-stand-in.ts FOLDER. The unpacked app is in FOLDER/dist then.
 */

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: pack-stand-in.ts FOLDER')
const electronDist = join(folder, 'electron')
makeStandInElectron(electronDist)
await pack({ output: join(folder, 'dist'), targets: ['dir'], electronDist })
