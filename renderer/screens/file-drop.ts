import { type DragEvent, useState } from 'react'

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
  const takes = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files')
  return {
    over,
    handlers: {
      onDragEnter(event) {
        if (!takes(event)) return
        event.preventDefault()
        setOver([...event.dataTransfer.items].filter(({ kind }) => kind === 'file').length || 1)
      },
      onDragOver(event) {
        if (!takes(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      },
      onDragLeave(event) {
        if (!takes(event)) return
        // From one child to another it is not left.
        const { currentTarget, relatedTarget } = event
        if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) setOver(0)
      },
      onDrop(event) {
        if (!takes(event)) return
        event.preventDefault()
        setOver(0)
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
