/** Places in a folder: relative to it, with "/" between components, "" for the folder itself. */

/** The folder that a place is directly in. */
export function above(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')))
}

/** All folders that there are where these files and folders are, without the folder itself. */
export function foldersFor(files: readonly string[], folders: readonly string[]): Set<string> {
  const all = new Set<string>()
  const addWithAllAbove = (folder: string): void => {
    for (let place = folder; place !== '' && !all.has(place); place = above(place)) all.add(place)
  }
  for (const file of files) addWithAllAbove(above(file))
  for (const folder of folders) addWithAllAbove(folder)
  return all
}

/** Of an entry of a folder. Some disks give names in another form than they were given. */
export function placeOf(folder: string, name: string): string {
  const normal = name.normalize('NFC')
  return folder === '' ? normal : `${folder}/${normal}`
}
