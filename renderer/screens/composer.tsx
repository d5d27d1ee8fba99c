import { File, Folder, Plus, SendHorizontal } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef } from 'react'
import { MAX_MESSAGE_LENGTH } from '../../shared/model/limits.ts'
import type { Person } from '../../shared/model/person.ts'
import { IconButton } from '../components/button.tsx'
import { ButtonMenu } from '../components/menu.tsx'
import { chooseFiles, chooseFolder, sendFiles } from '../state/files.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import style from './composer.module.css'

/** Where one writes. Files that are pasted into it are sent. */
export function Composer({ person }: { readonly person: Person }) {
  const { id, name } = person
  const draft = useView(state => state.drafts.get(id) ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  useFocusCommand('composer', () => field.current?.focus())

  const send = async (): Promise<void> => {
    if (draft.trim() === '') return
    dispatch({ type: 'draft', person: id, text: '' })
    const sent = await attempt(window.plumb.sendMessage(id, draft))
    // What could not even be tried is not to be typed again.
    if (sent === undefined) dispatch({ type: 'draft', person: id, text: draft })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter that ends the choice of a character is not meant for the message.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }
  const onPaste = (event: ClipboardEvent): void => {
    const { files: pasted, types } = event.clipboardData
    const files = [...pasted]
    // Cells of a table bring a picture of themselves along: what is meant is their text.
    const isText = ['text/plain', 'text/html'].every(type => types.includes(type))
    const isPictureOfText = isText && files.every(({ name }) => name === 'image.png')
    if (files.length === 0 || isPictureOfText) return
    event.preventDefault()
    sendFiles(id, files)
  }
  return (
    <div className={style['composer']}>
      <ButtonMenu
        align="start"
        entries={[
          { icon: File, label: 'Send files…', act: () => chooseFiles(id) },
          { icon: Folder, label: 'Send a folder…', act: () => chooseFolder(id) },
        ]}
      >
        <IconButton icon={Plus} label="Attach" />
      </ButtonMenu>
      <textarea
        ref={field}
        className={style['field']}
        rows={1}
        dir="auto"
        maxLength={MAX_MESSAGE_LENGTH}
        placeholder={`Message ${name}`}
        aria-label={`Message ${name}`}
        value={draft}
        onChange={event => dispatch({ type: 'draft', person: id, text: event.target.value })}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <IconButton
        icon={SendHorizontal}
        label="Send"
        disabled={draft.trim() === ''}
        onClick={() => void send()}
      />
    </div>
  )
}
