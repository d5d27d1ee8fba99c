import { Tooltip } from '@base-ui/react/tooltip'
import type { LucideIcon } from 'lucide-react'
import { type ComponentProps, type Ref, type RefObject, useImperativeHandle, useRef } from 'react'
import style from './button.module.css'
import { useFocusHeir } from './focus-heir.ts'

interface ButtonProps extends ComponentProps<'button'> {
  /** Exactly one button of a place is `primary`; `danger` is for what cannot be taken back. */
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger'
}

export function Button({ kind = 'secondary', type = 'button', className, ref, ...rest }: ButtonProps) {
  const own = useOwnRef(ref)
  return (
    <button ref={own} type={type} className={joined(style['button'], style[kind], className)} {...rest} />
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  readonly icon: LucideIcon
  /** Names it for a screen reader and in its tooltip. */
  readonly label: string
  readonly compact?: boolean
}

export function IconButton({ icon: Icon, label, compact = false, className, ref, ...rest }: IconButtonProps) {
  const own = useOwnRef(ref)
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        ref={own}
        aria-label={label}
        className={joined(style['icon'], compact ? style['compact'] : undefined, className)}
        {...rest}
      >
        <Icon size={compact ? 16 : 18} strokeWidth={1.75} aria-hidden />
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6}>
          <Tooltip.Popup className={style['tip']}>{label}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

/** A ref of our own beside the one that was given, for the focus to be inherited. */
function useOwnRef(given: Ref<HTMLButtonElement> | undefined): RefObject<HTMLButtonElement | null> {
  const own = useRef<HTMLButtonElement>(null)
  useImperativeHandle(given, () => own.current as HTMLButtonElement)
  useFocusHeir(own)
  return own
}

/** Class names, those that are there. */
export function joined(...names: readonly (string | undefined)[]): string {
  return names.filter(name => name !== undefined && name !== '').join(' ')
}
