import { File as FileIcon, Folder as FolderIcon } from 'lucide-react'
import style from './file-name.module.css'

interface FileNameProps {
  readonly name: string
  /** A folder has no extension, whatever its name looks like. */
  readonly isFolder?: boolean
}

/** The name with its true extension set apart: the end is never what gets cut off. */
export function FileName({ name, isFolder = false }: FileNameProps) {
  const { stem, extension } = isFolder ? { stem: name, extension: '' } : partsOf(name)
  return (
    // Left to right, or a name in another direction could show its extension in its middle.
    <span className={style['name']} dir="ltr" title={name}>
      <bdi className={style['stem']}>{stem}</bdi>
      <bdi className={style['extension']}>{extension}</bdi>
    </span>
  )
}

/** A small page that carries the extension, or a folder. */
export function FileTile({ name, isFolder = false }: FileNameProps) {
  const letters = isFolder ? '' : partsOf(name).extension.slice(1).toUpperCase()
  const Icon = isFolder ? FolderIcon : FileIcon
  return (
    <span className={style['tile']} aria-hidden>
      {letters.length > 0 && letters.length <= 5 ? letters : <Icon size={18} strokeWidth={1.75} />}
    </span>
  )
}

/** The extension is what the system goes by: from the last dot on, none for a name that begins with it. */
export function partsOf(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || dot === name.length - 1 || name.length - dot > 16) return { stem: name, extension: '' }
  return { stem: name.slice(0, dot), extension: name.slice(dot) }
}
