import type { Settings } from '../../shared/model/settings.ts'
import { SwitchField } from '../components/switch-field.tsx'
import style from './dialog-parts.module.css'

interface ChatSectionProps {
  readonly settings: Settings
  readonly change: (patch: Partial<Settings>) => void
}

/** What contacts are told of a conversation. */
export function ChatSection({ settings, change }: ChatSectionProps) {
  return (
    <section className={style['section']} aria-label="Chat">
      <h3>Chat</h3>
      <SwitchField
        label="Say that messages have arrived"
        hint="Your contacts see “Delivered” under what they sent you."
        checked={settings.sendReceipts}
        onChange={sendReceipts => change({ sendReceipts })}
      />
      <SwitchField
        label="Say that messages were seen"
        hint="Your contacts see “Seen” under what was on your screen."
        checked={settings.sendDisplayed}
        onChange={sendDisplayed => change({ sendDisplayed })}
      />
      <SwitchField
        label="Say that you are writing"
        hint="While you type, your contacts see “Writing…”."
        checked={settings.sendTyping}
        onChange={sendTyping => change({ sendTyping })}
      />
    </section>
  )
}
