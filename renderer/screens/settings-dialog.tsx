import { useRef, useState } from 'react'
import type { Settings } from '../../shared/model/settings.ts'
import { Button } from '../components/button.tsx'
import { ChoiceField } from '../components/choice-field.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { attempt, dispatch, useView } from '../state/store.ts'
import { ChatSection } from './chat-section.tsx'
import style from './dialog-parts.module.css'
import { ReachSection } from './reach-section.tsx'
import { UpdateSection } from './update-section.tsx'

const LOWEST_PORT = 1024
const HIGHEST_PORT = 65_535
const USUAL_PORT = 5100

interface SettingsDialogProps {
  /** Looks at once how others reach this computer. */
  readonly checkReach: boolean
}

/** What can be chosen. Each change holds at once. */
export function SettingsDialog({ checkReach }: SettingsDialogProps) {
  const known = useView(state => state.known)
  const reach = useRef<HTMLElement>(null)
  if (known === undefined) return null
  const { settings, downloadFolder, app, update } = known
  const change = (patch: Partial<Settings>): void => void attempt(window.plumb.changeSettings(patch))
  const close = (): void => dispatch({ type: 'close-dialog' })
  return (
    <Dialog title="Settings" wide onClose={close} {...(checkReach ? { initialFocus: reach } : {})}>
      <div className={style['form']}>
        <section className={style['section']} aria-label="Files">
          <h3>Files</h3>
          <div className={style['line']}>
            <span>
              Received files are saved to <b>{downloadFolder}</b>.
            </span>
            <Button onClick={() => void attempt(window.plumb.chooseDownloadFolder())}>Change…</Button>
          </div>
          <SwitchField
            label="Show pictures in the conversation"
            hint="Those of people who are not in your contacts are shown once you ask for them."
            checked={settings.showPictures}
            onChange={showPictures => change({ showPictures })}
          />
        </section>
        <section className={style['section']} aria-label="Privacy">
          <h3>Privacy</h3>
          <ChoiceField
            label="Who may send you files"
            value={settings.whoMaySend}
            onChange={whoMaySend => change({ whoMaySend })}
            choices={[
              {
                value: 'anyone',
                label: 'Anyone',
                hint: 'Files of people who are not in your contacts wait in a list, without a prompt.',
              },
              { value: 'contacts', label: 'Only my contacts', hint: 'Everything else is declined unseen.' },
            ]}
          />
          <ChoiceField
            label="Who may see this computer’s network address"
            value={settings.whoSeesAddresses}
            onChange={whoSeesAddresses => change({ whoSeesAddresses })}
            choices={[
              {
                value: 'contacts',
                label: 'Only my contacts',
                hint: 'A direct connection shows both sides where the other is.',
              },
              { value: 'accepted', label: 'Also strangers whose file I accept, or to whom I send one' },
            ]}
          />
          <SwitchField
            label="Show me as away while I am not here"
            hint="After ten minutes without input, or when the screen is locked."
            checked={settings.awayWhenIdle}
            onChange={awayWhenIdle => change({ awayWhenIdle })}
          />
        </section>
        <ChatSection settings={settings} change={change} />
        <section className={style['section']} aria-label="Connection">
          <h3>Connection</h3>
          <PortField port={settings.port} />
          <SwitchField
            label="Ask the router for a port (UPnP, NAT-PMP)"
            hint="Lets others connect to this computer from outside of this network."
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
        <section className={style['section']} aria-label="Window">
          <h3>Window</h3>
          <ChoiceField
            label="Theme"
            value={settings.theme}
            onChange={theme => change({ theme })}
            choices={[
              { value: 'system', label: 'Like the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
          <SwitchField
            label="Notifications"
            hint="While the window is not in front."
            checked={settings.notifications}
            onChange={notifications => change({ notifications })}
          />
          {app.platform !== 'darwin' && (
            <SwitchField
              label="Close to the tray"
              hint={`Closing the window keeps Plumb running, so that files can arrive.${app.platform === 'linux' ? ' Starting Plumb again shows it, also where this desktop has no tray.' : ''}`}
              checked={settings.closeToTray}
              onChange={closeToTray => change({ closeToTray })}
            />
          )}
          <SwitchField
            label="Start when I sign in to this computer"
            checked={settings.startAtLogin}
            onChange={startAtLogin => change({ startAtLogin })}
          />
        </section>
        <UpdateSection update={update} settings={settings} change={change} />
        <section className={style['section']} aria-label="About">
          <h3>About</h3>
          <p className={style['soft']}>
            Plumb {app.version}. Files go straight from one computer to the other, between any two XMPP
            accounts. MIT licence.
          </p>
        </section>
      </div>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          Done
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
    const wanted = Number(text)
    if (Number.isInteger(wanted) && wanted >= LOWEST_PORT && wanted <= HIGHEST_PORT) {
      if (wanted !== port) void apply(wanted)
    } else setComplaint(`A port is a number from ${LOWEST_PORT} to ${HIGHEST_PORT}.`)
  }
  return (
    <>
      <ChoiceField
        label="Port for direct connections"
        value={fixed ? 'fixed' : 'automatic'}
        onChange={kind => {
          setFixed(kind === 'fixed')
          setComplaint(undefined)
          if (kind === 'automatic') void apply(null)
          else commit()
        }}
        choices={[
          { value: 'automatic', label: 'Automatic' },
          {
            value: 'fixed',
            label: 'Always the same',
            hint: 'For a router that forwards it to this computer.',
          },
        ]}
      />
      {fixed && (
        <div className={style['amount']}>
          <div>
            <TextField
              label="Port"
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
