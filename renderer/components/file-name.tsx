import { File as FileIcon } from 'lucide-react'
import style from './file-name.module.css'

/** The name with its true extension set apart: the end is never what gets cut off. */
export function FileName({ name }: { readonly name: string }) {
  const { stem, extension } = partsOf(name)
  return (
    // Left to right, or a name in another direction could show its extension in its middle.
    <span className={style['name']} dir="ltr" title={name}>
      <bdi className={style['stem']}>{stem}</bdi>
      <bdi className={style['extension']}>{extension}</bdi>
    </span>
  )
}

/** A small page that carries the extension. */
export function FileTile({ name }: { readonly name: string }) {
  const { extension } = partsOf(name)
  const letters = extension.slice(1).toUpperCase()
  return (
    <span className={style['tile']} aria-hidden>
      {letters.length > 0 && letters.length <= 5 ? letters : <FileIcon size={16} strokeWidth={1.75} />}
    </span>
  )
}

/** The extension is what the system goes by: from the last dot on, none for a name that begins with it. */
export function partsOf(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || dot === name.length - 1 || name.length - dot > 16) return { stem: name, extension: '' }
  return { stem: name.slice(0, dot), extension: name.slice(dot) }
}
