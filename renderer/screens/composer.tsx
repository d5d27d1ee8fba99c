import { File, Folder, Pencil, Plus, SendHorizontal, Smile, X } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { MAX_MESSAGE_LENGTH } from '../../shared/model/limits.ts'
import type { Person } from '../../shared/model/person.ts'
import { IconButton, joined } from '../components/button.tsx'
import { EmojiPicker } from '../components/emoji-picker.tsx'
import hidden from '../components/hidden.module.css'
import { ButtonMenu } from '../components/menu.tsx'
import { chooseFiles, chooseFolder, sendFiles } from '../state/files.ts'
import { correctable } from '../state/selectors.ts'
import type { Correction } from '../state/state.ts'
import { attempt, currentState, dispatch, useView } from '../state/store.ts'
import { useTyping } from '../state/typing.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { withRecent } from '../words/emoji.ts'
import { say } from '../words/say.ts'
import style from './composer.module.css'

const NO_EMOJI: readonly string[] = []

/** Where one writes, and corrects what was sent last. Files that are pasted into it are sent. */
export function Composer({ person }: { readonly person: Person }) {
  const { id, name } = person
  const draft = useView(state => state.drafts.get(id) ?? '')
  const correction = useView(state => state.corrections.get(id))
  const recent = useView(state => state.known?.settings.recentEmoji ?? NO_EMOJI)
  const [isCorrecting, setCorrecting] = useState(false)
  const typing = useTyping(id)
  const field = useRef<HTMLTextAreaElement>(null)
  /** Where the caret has to be in the text that comes. */
  const caret = useRef<number>(undefined)
  const text = correction?.text ?? draft
  useEffect(() => field.current?.focus(), [])
  useFocusCommand('composer', () => field.current?.focus())
  // biome-ignore lint/correctness/useExhaustiveDependencies: it belongs into this very text
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  }, [text])

  const correct = (next: Correction | undefined): void =>
    dispatch({ type: 'correct', person: id, correction: next })
  const setText = (changed: string): void => {
    if (correction !== undefined) correct({ ...correction, text: changed })
    else dispatch({ type: 'draft', person: id, text: changed })
    typing.changed(changed)
  }
  const send = async (): Promise<void> => {
    if (draft.trim() === '') return
    dispatch({ type: 'draft', person: id, text: '' })
    typing.sent()
    const sent = await attempt(window.plumb.sendMessage(id, draft))
    // What could not even be tried is not to be typed again.
    if (sent === undefined) dispatch({ type: 'draft', person: id, text: draft })
  }
  const stopCorrecting = (): void => {
    correct(undefined)
    typing.changed('')
  }
  const sendCorrection = async (correction: Correction): Promise<void> => {
    const { conversation } = currentState()
    const before = conversation?.messages.find(({ id }) => id === correction.message)
    if (correction.text === before?.text) return stopCorrecting()
    if (correction.text.trim() === '' || isCorrecting) return
    setCorrecting(true)
    const sent = await attempt(window.plumb.correctMessage(id, correction.message, correction.text))
    setCorrecting(false)
    // What could not be sent stays; somebody may also have given it up meanwhile.
    if (sent === undefined || currentState().corrections.get(id) !== correction) return
    typing.sent()
    correct(undefined)
  }
  const submit = (): void => void (correction === undefined ? send() : sendCorrection(correction))
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, shiftKey, nativeEvent } = event
    // A key that ends the choice of a character is not meant for the message.
    if (nativeEvent.isComposing) return
    if (key === 'Enter' && !shiftKey) submit()
    else if (key === 'Escape' && correction !== undefined) stopCorrecting()
    else if (key === 'ArrowUp' && correction === undefined && draft === '') {
      const last = correctable(currentState().conversation)
      if (last === undefined) return
      correct({ message: last.id, text: last.text })
    } else return
    event.preventDefault()
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
  const insert = (emoji: string): void => {
    const { selectionStart: from, selectionEnd: to } = field.current ?? {
      selectionStart: text.length,
      selectionEnd: text.length,
    }
    const changed = text.slice(0, from) + emoji + text.slice(to)
    void attempt(window.plumb.changeSettings({ recentEmoji: [...withRecent(recent, emoji)] }))
    if (isCorrecting || changed.length > MAX_MESSAGE_LENGTH) return
    caret.current = from + emoji.length
    setText(changed)
  }
  return (
    <div className={style['composer']}>
      <p className={hidden['hidden']} role="status">
        {correction !== undefined && say('composer.edits')}
      </p>
      {correction !== undefined && <EditingBar isSending={isCorrecting} onStop={stopCorrecting} />}
      <div className={style['row']}>
        <ButtonMenu
          align="start"
          entries={[
            { icon: File, label: say('composer.send-files'), act: () => chooseFiles(id) },
            { icon: Folder, label: say('composer.send-folder'), act: () => chooseFolder(id) },
          ]}
        >
          <IconButton icon={Plus} label={say('composer.attach')} />
        </ButtonMenu>
        <textarea
          ref={field}
          className={joined(style['field'], correction === undefined ? undefined : style['editing'])}
          rows={1}
          maxLength={MAX_MESSAGE_LENGTH}
          placeholder={say('composer.message', { name })}
          aria-label={say('composer.message', { name })}
          readOnly={isCorrecting}
          value={text}
          onChange={event => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <EmojiPicker recent={recent} onPick={insert} finalFocus={field}>
          <IconButton icon={Smile} label={say('composer.emoji')} />
        </EmojiPicker>
        <IconButton
          icon={SendHorizontal}
          label={correction === undefined ? say('composer.send') : say('composer.send-correction')}
          disabled={text.trim() === '' || isCorrecting}
          onClick={submit}
        />
      </div>
    </div>
  )
}

interface EditingBarProps {
  readonly isSending: boolean
  readonly onStop: () => void
}

/** Says that what is written now takes the place of what was sent. */
function EditingBar({ isSending, onStop }: EditingBarProps) {
  return (
    <div className={style['bar']}>
      <Pencil size={14} strokeWidth={1.75} aria-hidden />
      <span>{isSending ? say('composer.correcting') : say('composer.editing')}</span>
      <IconButton icon={X} label={say('composer.stop-editing')} compact onClick={onStop} />
    </div>
  )
}
