import { useRef, useState } from 'react'
import type { Settings } from '../../shared/model/settings.ts'
import { Button } from '../components/button.tsx'
import { ChoiceField } from '../components/choice-field.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { attempt, dispatch, useView } from '../state/store.ts'
import { draw, say } from '../words/say.ts'
import { wholeNumber } from '../words/whole-number.ts'
import { ChatSection } from './chat-section.tsx'
import style from './dialog-parts.module.css'
import { LanguageChoice } from './language-choice.tsx'
import { ReachSection } from './reach-section.tsx'
import { UpdateSection } from './update-section.tsx'

const LOWEST_PORT = 1024
const HIGHEST_PORT = 65_535
const USUAL_PORT = 5100

interface SettingsDialogProps {
  /** Looks at once how others reach this computer. */
  readonly checkReach: boolean
  /** The language was chosen here, and where the choice stood then. */
  readonly languageAt: number | undefined
}

/** What can be chosen. Each change holds at once. */
export function SettingsDialog({ checkReach, languageAt }: SettingsDialogProps) {
  const known = useView(state => state.known)
  const reach = useRef<HTMLElement>(null)
  const language = useRef<HTMLInputElement>(null)
  if (known === undefined) return null
  const { settings, downloadFolder, app, update } = known
  const change = (patch: Partial<Settings>): void => void attempt(window.plumb.changeSettings(patch))
  const close = (): void => dispatch({ type: 'close-dialog' })
  const first = languageAt !== undefined ? language : checkReach ? reach : undefined
  return (
    <Dialog
      title={say('settings.title')}
      wide
      redrawn={languageAt !== undefined}
      onClose={close}
      {...(first ? { initialFocus: first } : {})}
    >
      <div className={style['form']}>
        <section className={style['section']} aria-label={say('settings.files')}>
          <h3>{say('settings.files')}</h3>
          <div className={style['line']}>
            <span>{draw('settings.saved-to', { b: inner => <b>{inner}</b>, folder: downloadFolder })}</span>
            <Button onClick={() => void attempt(window.plumb.chooseDownloadFolder())}>
              {say('settings.change-folder')}
            </Button>
          </div>
          <SwitchField
            label={say('settings.pictures')}
            hint={say('settings.pictures-hint')}
            checked={settings.showPictures}
            onChange={showPictures => change({ showPictures })}
          />
        </section>
        <section className={style['section']} aria-label={say('settings.privacy')}>
          <h3>{say('settings.privacy')}</h3>
          <ChoiceField
            label={say('settings.who-sends')}
            value={settings.whoMaySend}
            onChange={whoMaySend => change({ whoMaySend })}
            choices={[
              {
                value: 'anyone',
                label: say('settings.anyone-sends'),
                hint: say('settings.anyone-sends-hint'),
              },
              {
                value: 'contacts',
                label: say('settings.contacts-send'),
                hint: say('settings.contacts-send-hint'),
              },
            ]}
          />
          <ChoiceField
            label={say('settings.who-sees-address')}
            value={settings.whoSeesAddresses}
            onChange={whoSeesAddresses => change({ whoSeesAddresses })}
            choices={[
              {
                value: 'contacts',
                label: say('settings.contacts-see-address'),
                hint: say('settings.contacts-see-address-hint'),
              },
              { value: 'accepted', label: say('settings.strangers-see-address') },
            ]}
          />
          <SwitchField
            label={say('settings.away')}
            hint={say('settings.away-hint')}
            checked={settings.awayWhenIdle}
            onChange={awayWhenIdle => change({ awayWhenIdle })}
          />
        </section>
        <ChatSection settings={settings} change={change} />
        <section className={style['section']} aria-label={say('settings.connection')}>
          <h3>{say('settings.connection')}</h3>
          <PortField port={settings.port} />
          <SwitchField
            label={say('settings.ask-router')}
            hint={say('settings.ask-router-hint')}
            checked={settings.portMapping}
            onChange={portMapping => change({ portMapping })}
          />
        </section>
        <ReachSection
          // With other settings what was found is no longer so.
          key={`${settings.portMapping} ${settings.port}`}
          section={reach}
          atOnce={checkReach}
        />
        <section className={style['section']} aria-label={say('settings.window')}>
          <h3>{say('settings.window')}</h3>
          <LanguageChoice language={settings.language} change={change} chosen={language} place={languageAt} />
          <ChoiceField
            label={say('settings.theme')}
            value={settings.theme}
            onChange={theme => change({ theme })}
            choices={[
              { value: 'system', label: say('settings.system-theme') },
              { value: 'light', label: say('settings.light') },
              { value: 'dark', label: say('settings.dark') },
            ]}
          />
          <SwitchField
            label={say('settings.notifications')}
            hint={say('settings.notifications-hint')}
            checked={settings.notifications}
            onChange={notifications => change({ notifications })}
          />
          {app.platform !== 'darwin' && (
            <SwitchField
              label={say('settings.tray')}
              hint={app.platform === 'linux' ? say('settings.tray-hint-linux') : say('settings.tray-hint')}
              checked={settings.closeToTray}
              onChange={closeToTray => change({ closeToTray })}
            />
          )}
          <SwitchField
            label={say('settings.start-at-login')}
            checked={settings.startAtLogin}
            onChange={startAtLogin => change({ startAtLogin })}
          />
        </section>
        <UpdateSection update={update} settings={settings} change={change} />
        <section className={style['section']} aria-label={say('settings.about')}>
          <h3>{say('settings.about')}</h3>
          <p className={style['soft']}>{say('settings.about-plumb', { version: app.version })}</p>
        </section>
      </div>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          {say('settings.done')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

/** Holds as soon as it is left, like everything else here. */
function PortField({ port }: { readonly port: number | null }) {
  const [text, setText] = useState(String(port ?? USUAL_PORT))
  const [complaint, setComplaint] = useState<string>()
  const [fixed, setFixed] = useState(port !== null)
  const apply = async (wanted: number | null): Promise<void> => {
    const answer = await window.plumb.changeSettings({ port: wanted })
    setComplaint(answer.ok ? undefined : answer.failure.message)
  }
  const commit = (): void => {
    const wanted = wholeNumber(text)
    if (Number.isInteger(wanted) && wanted >= LOWEST_PORT && wanted <= HIGHEST_PORT) {
      if (wanted !== port) void apply(wanted)
    } else
      setComplaint(say('settings.no-port', { lowest: String(LOWEST_PORT), highest: String(HIGHEST_PORT) }))
  }
  return (
    <>
      <ChoiceField
        label={say('settings.port')}
        value={fixed ? 'fixed' : 'automatic'}
        onChange={kind => {
          setFixed(kind === 'fixed')
          setComplaint(undefined)
          if (kind === 'automatic') void apply(null)
          else commit()
        }}
        choices={[
          { value: 'automatic', label: say('settings.any-port') },
          {
            value: 'fixed',
            label: say('settings.fixed-port'),
            hint: say('settings.fixed-port-hint'),
          },
        ]}
      />
      {fixed && (
        <div className={style['amount']}>
          <div>
            <TextField
              label={say('settings.port-number')}
              inputMode="numeric"
              value={text}
              onValueChange={setText}
              onCommit={commit}
            />
          </div>
          {complaint !== undefined && (
            <p className={style['bad']} role="alert">
              {complaint}
            </p>
          )}
        </div>
      )}
    </>
  )
}
