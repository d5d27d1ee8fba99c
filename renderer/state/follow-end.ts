import { type RefObject, useCallback, useRef, useState } from 'react'

/** Pixels: more than a card grows at once. */
const NEAR = 120

interface FollowEnd {
  /** For the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>
  /** Whether the end is to be seen, or nearly. */
  readonly isAtEnd: boolean
  /** To be called whenever it was scrolled. */
  readonly onScroll: () => void
  /** To be called whenever what is in it, or its own height, is another: who is at the end stays there. */
  readonly follow: () => void
  /** Goes to the end, and stays there. */
  readonly goToEnd: () => void
}

/** Keeps a scrolled element at its end until somebody scrolls up; from the start on where it begins there. */
export function useFollowEnd(beginsThere: boolean): FollowEnd {
  const scroller = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(beginsThere)
  const following = useRef(beginsThere)
  const lastTop = useRef(0)
  const onScroll = useCallback(() => {
    const element = scroller.current
    if (element === null) return
    const { scrollTop, scrollHeight, clientHeight } = element
    if (scrollHeight - scrollTop - clientHeight <= NEAR) following.current = true
    // What grows pushes the end away without scrolling: only whoever goes up leaves it.
    else if (scrollTop < lastTop.current) following.current = false
    lastTop.current = scrollTop
    setAtEnd(following.current)
  }, [])
  const follow = useCallback(() => {
    const element = scroller.current
    if (element !== null && following.current) element.scrollTop = element.scrollHeight
  }, [])
  const goToEnd = useCallback(() => {
    following.current = true
    follow()
  }, [follow])
  return { scroller, isAtEnd, onScroll, follow, goToEnd }
}
