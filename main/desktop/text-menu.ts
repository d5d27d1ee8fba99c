import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron'
import { say } from '../../shared/words/say.ts'

/** The menu of a text where the pointer is: what can be done with it, nothing for what is no text. */
export function textMenu({
  isEditable,
  selectionText,
  editFlags,
}: Pick<ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags'>): MenuItemConstructorOptions[] {
  const copy: MenuItemConstructorOptions = {
    role: 'copy',
    label: say('menu.copy'),
    enabled: editFlags.canCopy,
  }
  if (!isEditable) return selectionText.trim() === '' ? [] : [copy]
  return [
    { role: 'cut', label: say('menu.cut'), enabled: editFlags.canCut },
    copy,
    { role: 'paste', label: say('menu.paste'), enabled: editFlags.canPaste },
    { type: 'separator' },
    { role: 'selectAll', label: say('menu.select-all'), enabled: editFlags.canSelectAll },
  ]
}
