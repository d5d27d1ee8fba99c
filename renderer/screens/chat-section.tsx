import type { Settings } from '../../shared/model/settings.ts'
import { SwitchField } from '../components/switch-field.tsx'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

interface ChatSectionProps {
  readonly settings: Settings
  readonly change: (patch: Partial<Settings>) => void
}

/** What contacts are told of a conversation. */
export function ChatSection({ settings, change }: ChatSectionProps) {
  return (
    <section className={style['section']} aria-label={say('settings.chat')}>
      <h3>{say('settings.chat')}</h3>
      <SwitchField
        label={say('settings.receipts')}
        hint={say('settings.receipts-hint')}
        checked={settings.sendReceipts}
        onChange={sendReceipts => change({ sendReceipts })}
      />
      <SwitchField
        label={say('settings.displayed')}
        hint={say('settings.displayed-hint')}
        checked={settings.sendDisplayed}
        onChange={sendDisplayed => change({ sendDisplayed })}
      />
      <SwitchField
        label={say('settings.typing')}
        hint={say('settings.typing-hint')}
        checked={settings.sendTyping}
        onChange={sendTyping => change({ sendTyping })}
      />
    </section>
  )
}
