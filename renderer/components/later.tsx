import { type ComponentType, type ReactNode, useEffect, useState } from 'react'

/**
 * A component that comes in a file of its own. Nothing is there until that is read, which `load` begins; what was read
 * before is there at once, where React's `lazy` would hide it for 300 ms.
 */
export function later<P extends object>(
  read: () => Promise<ComponentType<P>>,
): { readonly Later: (props: P) => ReactNode; readonly load: () => Promise<void> } {
  let Component: ComponentType<P> | undefined
  let reading: Promise<void> | undefined
  const load = (): Promise<void> => {
    reading ??= read().then(component => {
      Component = component
    })
    return reading
  }
  function Later(props: P) {
    const [, drawAgain] = useState(false)
    useEffect(() => {
      if (Component === undefined) void load().then(() => drawAgain(true))
    }, [])
    return Component === undefined ? null : <Component {...props} />
  }
  return { Later, load }
}
