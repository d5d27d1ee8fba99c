import { ContextMenu } from '@base-ui/react/context-menu'
import { Menu } from '@base-ui/react/menu'
import { Check, type LucideIcon } from 'lucide-react'
import type { ReactElement } from 'react'
import { say } from '../words/say.ts'
import style from './menu.module.css'

export interface MenuEntry {
  readonly icon: LucideIcon
  readonly label: string
  readonly danger?: boolean
  /** One of several of which one holds: whether it is this one. */
  readonly checked?: boolean
  /** Stands apart from those above. */
  readonly apart?: boolean
  readonly act: () => void
}

interface MenuProps {
  readonly entries: readonly MenuEntry[]
  /** What opens it. */
  readonly children: ReactElement
}

interface ButtonMenuProps extends MenuProps {
  /** Which of its edges is at that of the button. */
  readonly align?: 'start' | 'end'
}

/** A menu below the button that opens it, or above where there is no room. */
export function ButtonMenu({ entries, children, align = 'end' }: ButtonMenuProps) {
  return (
    <Menu.Root>
      <Menu.Trigger render={children} />
      <Menu.Portal role="region" aria-label={say('parts.menu')}>
        <Menu.Positioner sideOffset={4} align={align}>
          <Menu.Popup className={style['popup']}>{entries.map(drawEntry)}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

/** A menu where the pointer is, or at the row that has the focus. */
export function RowMenu({ entries, children }: MenuProps) {
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger render={children} />
      <ContextMenu.Portal role="region" aria-label={say('parts.menu')}>
        <ContextMenu.Positioner>
          <ContextMenu.Popup className={style['popup']}>{entries.map(drawEntry)}</ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

/** Both menus have the same items. */
function drawEntry({ icon: Icon, label, danger, checked, apart, act }: MenuEntry) {
  return (
    <Menu.Item
      key={label}
      className={style['item']}
      data-danger={danger}
      data-apart={apart}
      onClick={act}
      {...(checked === undefined ? {} : { role: 'menuitemradio', 'aria-checked': checked })}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      {label}
      {checked === true && <Check className={style['check']} size={16} strokeWidth={1.75} aria-hidden />}
    </Menu.Item>
  )
}
