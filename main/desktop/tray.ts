import { Menu, type NativeImage, Tray } from 'electron'
import { say } from '../../shared/words/say.ts'

export interface TrayActions {
  readonly show: () => void
  readonly quit: () => void
}

/** The icon in the tray; undefined where the system has none to put it in. */
export function makeTray(image: NativeImage, { show, quit }: TrayActions): Tray | undefined {
  try {
    const tray = new Tray(image)
    tray.setToolTip('Plumb')
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: say('tray.open'), click: show },
        { type: 'separator' },
        { label: say('quit.quit'), click: quit },
      ]),
    )
    tray.on('click', show)
    return tray
  } catch {
    return undefined
  }
}
