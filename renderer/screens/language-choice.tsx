import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { Settings } from '../../shared/model/settings.ts'
import { LANGUAGE_TAGS, type LanguageTag } from '../../shared/words/language.ts'
import { ChoiceField } from '../components/choice-field.tsx'
import { dispatch } from '../state/store.ts'
import { say } from '../words/say.ts'

interface LanguageChoiceProps {
  readonly language: Settings['language']
  readonly change: (patch: Partial<Settings>) => void
  /** What is chosen now. */
  readonly chosen: RefObject<HTMLInputElement | null>
  /** Where this stood when it was chosen, in pixels below the upper edge of the dialog. */
  readonly place: number | undefined
}

/** In another language the whole window is drawn anew, and this is then where it was, with the focus. */
export function LanguageChoice({ language, change, chosen, place }: LanguageChoiceProps) {
  const self = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { offsetParent: dialog, offsetTop } = self.current ?? {}
    if (dialog && offsetTop !== undefined && place !== undefined) dialog.scrollTop = offsetTop - place
  }, [place])
  const choose = (wanted: Settings['language']): void => {
    const { offsetParent: dialog, offsetTop = 0 } = self.current ?? {}
    const languageAt = offsetTop - (dialog?.scrollTop ?? 0)
    dispatch({ type: 'open-dialog', dialog: { kind: 'settings', languageAt } })
    change({ language: wanted })
  }
  return (
    <div ref={self}>
      <ChoiceField
        label={say('settings.language')}
        value={language}
        onChange={choose}
        chosen={chosen}
        choices={[
          { value: 'system', label: say('settings.system-language') },
          ...LANGUAGE_TAGS.map(tag => ({ value: tag, label: ownName(tag), lang: tag })),
        ]}
      />
    </div>
  )
}

/** As it calls itself, to be found by who can read no other. */
function ownName(tag: LanguageTag): string {
  return new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag
}
