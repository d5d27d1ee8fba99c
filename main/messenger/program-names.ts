import { extname } from 'node:path'

/** Files that a system runs, or obeys, when they are opened. */
const PROGRAM_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    'exe msi msix appx bat cmd com scr pif cpl dll ps1 psm1 vbs vbe js jse ws wsf wsh hta lnk url reg inf scf ' +
    'application gadget msc chm jar jnlp app pkg mpkg dmg command terminal tool workflow action webloc inetloc ' +
    'fileloc sh bash zsh csh fish run bin appimage deb rpm flatpakref snap desktop py pyw pyz rb pl php lua ' +
    'xll xlam docm dotm xlsm xltm pptm potm iso img vhd vhdx vb wsc sct msp mst ' +
    'settingcontent-ms appref-ms rdp xlsb iqy slk one mobileconfig scpt html htm xhtml svg'
  ).split(' '),
)

/** Whether opening a file by this name may run something. By the name it was saved under, as the system goes by it. */
export function mayBeProgram(savedName: string): boolean {
  return PROGRAM_EXTENSIONS.has(extname(savedName).slice(1).toLowerCase())
}
