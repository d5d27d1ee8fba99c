import {
  Ban,
  CirclePlus,
  LogIn,
  LogOut,
  Menu,
  MoreHorizontal,
  Settings as SettingsIcon,
  Trash2,
  UserPlus,
} from 'lucide-react'
import type { ComponentProps } from 'react'
import type { AccountState } from '../../shared/model/window-state.ts'
import { Avatar } from '../components/avatar.tsx'
import { IconButton } from '../components/button.tsx'
import { ButtonMenu } from '../components/menu.tsx'
import { isOpen } from '../state/accounts.ts'
import type { OpenDialog } from '../state/state.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import style from './accounts.module.css'

const NONE = [] as const

type Entries = ComponentProps<typeof ButtonMenu>['entries']

/** Who we are: each account of ours with its state, and what can be done. */
export function Accounts() {
  const accounts = useView(state => state.known?.accounts ?? NONE)
  const [only] = accounts
  const common: Entries = [
    { icon: UserPlus, label: 'Add a person…', act: open({ kind: 'add-person', address: '' }) },
    { icon: CirclePlus, label: 'Add an account…', act: open({ kind: 'add-account' }) },
    { icon: SettingsIcon, label: 'Settings', act: open({ kind: 'settings' }) },
  ]
  if (accounts.length === 1 && only !== undefined) {
    return (
      <div className={style['one']}>
        <Who account={only} />
        <ButtonMenu entries={[...common, ...entriesOf(only)]}>
          <IconButton icon={MoreHorizontal} label="Menu" />
        </ButtonMenu>
      </div>
    )
  }
  return (
    <section className={style['several']} aria-label="Accounts">
      <ul>
        {accounts.map(account => (
          <li key={account.address} className={style['one']}>
            <Who account={account} />
            <ButtonMenu entries={entriesOf(account)}>
              <IconButton icon={MoreHorizontal} label={`Account ${account.address}`} compact />
            </ButtonMenu>
          </li>
        ))}
      </ul>
      {/* Another sign than that of each account beside it. */}
      <ButtonMenu entries={common}>
        <IconButton icon={Menu} label="Menu" />
      </ButtonMenu>
    </section>
  )
}

function Who({ account }: { readonly account: AccountState }) {
  const { address } = account
  const name = address.split('@')[0] ?? address
  const isConnected = isOpen(account) && account.connection === 'connected'
  return (
    <>
      <Avatar name={name} address={address} availability={isConnected ? 'online' : 'offline'} />
      <div className={style['who']}>
        <b>
          <bdi>{name}</bdi>
        </b>
        <small role="status" className={isConnected ? undefined : style['trouble']}>
          {lineOf(account)}
        </small>
      </div>
    </>
  )
}

/** What can be done with one account. */
function entriesOf(account: AccountState): Entries {
  const { address } = account
  if (account.kind === 'signed-in') {
    return [
      { icon: Ban, label: 'Blocked…', act: open({ kind: 'blocked', account: address }) },
      { icon: LogOut, label: 'Sign out', act: () => void attempt(window.plumb.signOut(address)) },
    ]
  }
  return [
    { icon: LogIn, label: 'Sign in…', act: open({ kind: 'add-account', address }) },
    {
      icon: Trash2,
      label: 'Remove the account…',
      danger: true,
      act: open({ kind: 'remove-account', address }),
    },
  ]
}

function lineOf(account: AccountState): string {
  switch (account.kind) {
    case 'signed-out':
      return account.failure === null ? 'Signed out' : account.failure.message
    case 'signing-in':
      return 'Signing in…'
    case 'signed-in':
      if (account.connection === 'connected') return account.address
      if (account.trouble !== null) return account.trouble.message
      return account.connection === 'connecting' ? 'Connecting…' : 'Reconnecting…'
  }
}

function open(dialog: OpenDialog): () => void {
  return () => dispatch({ type: 'open-dialog', dialog })
}
