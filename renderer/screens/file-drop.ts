import { type DragEvent, useRef, useState } from 'react'

interface FileDrop {
  /** How many things are held over it; 0 while nothing is. */
  readonly over: number
  readonly handlers: {
    readonly onDragEnter: (event: DragEvent) => void
    readonly onDragOver: (event: DragEvent) => void
    readonly onDragLeave: (event: DragEvent) => void
    readonly onDrop: (event: DragEvent) => void
  }
}

/** Takes files that are dropped on an element, and knows while they are held over it. */
export function useFileDrop(drop: (files: readonly File[]) => void): FileDrop {
  const [over, setOver] = useState(0)
  /** Entering a child comes before leaving its parent: only the sum says where the pointer is. */
  const depth = useRef(0)
  const takes = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files')
  const end = (): void => {
    depth.current = 0
    setOver(0)
  }
  return {
    over,
    handlers: {
      onDragEnter(event) {
        if (!takes(event)) return
        event.preventDefault()
        depth.current += 1
        setOver([...event.dataTransfer.items].filter(({ kind }) => kind === 'file').length || 1)
      },
      onDragOver(event) {
        if (!takes(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      },
      onDragLeave(event) {
        if (!takes(event)) return
        depth.current -= 1
        if (depth.current <= 0) end()
      },
      onDrop(event) {
        if (!takes(event)) return
        event.preventDefault()
        end()
        drop([...event.dataTransfer.files])
      },
    },
  }
}

/** Elsewhere a drop does nothing: without this the window would go to the file. */
export function refuseDropsOutside(): void {
  for (const type of ['dragover', 'drop'] as const) {
    window.addEventListener(type, event => {
      if (event.defaultPrevented) return
      event.preventDefault()
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none'
    })
  }
}
