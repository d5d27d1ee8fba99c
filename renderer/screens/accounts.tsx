import {
  Ban,
  Circle,
  CircleMinus,
  CirclePlus,
  IdCard,
  LogIn,
  LogOut,
  Menu,
  MessageSquare,
  Moon,
  MoreHorizontal,
  Settings as SettingsIcon,
  Trash2,
  UserPlus,
  UserRound,
} from 'lucide-react'
import type { ComponentProps } from 'react'
import type { Self } from '../../shared/model/self.ts'
import type { AccountState } from '../../shared/model/window-state.ts'
import { Avatar } from '../components/avatar.tsx'
import { IconButton } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { ButtonMenu } from '../components/menu.tsx'
import { isOpen } from '../state/accounts.ts'
import { ownName, selfOf, shownOf } from '../state/selectors.ts'
import type { OpenDialog } from '../state/state.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { availabilityOf } from '../words/person.ts'
import { say } from '../words/say.ts'
import style from './accounts.module.css'

const NONE = [] as const

type Entries = ComponentProps<typeof ButtonMenu>['entries']

/** Who we are: each account of ours with its state, and what can be done. */
export function Accounts() {
  const accounts = useView(state => state.known?.accounts ?? NONE)
  const [only] = accounts
  const common: Entries = [
    { icon: UserPlus, label: say('own.add-person'), act: open({ kind: 'add-person', address: '' }) },
    { icon: CirclePlus, label: say('own.add-account'), act: open({ kind: 'add-account' }) },
    { icon: SettingsIcon, label: say('own.settings'), act: open({ kind: 'settings' }) },
  ]
  if (accounts.length === 1 && only !== undefined) {
    return (
      <div className={style['one']}>
        <Who account={only} alone />
        <AccountMenu account={only} label={say('own.menu')} common={common} />
      </div>
    )
  }
  return (
    <section className={style['several']} aria-label={say('own.accounts')}>
      <ul>
        {accounts.map(account => (
          <li key={account.address} className={style['one']}>
            <Who account={account} />
            <AccountMenu
              account={account}
              label={say('own.account-menu', { address: account.address })}
              compact
            />
          </li>
        ))}
      </ul>
      {/* Another sign than that of each account beside it. */}
      <ButtonMenu entries={common}>
        <IconButton icon={Menu} label={say('own.menu')} />
      </ButtonMenu>
    </section>
  )
}

interface WhoProps {
  readonly account: AccountState
  /** Whether there is no other account, which only its address could tell from this one. */
  readonly alone?: boolean
}

function Who({ account, alone = false }: WhoProps) {
  const { address } = account
  const isConnected = isOpen(account) && account.connection === 'connected'
  const self = useView(state => selfOf(state, address))
  const show = self === undefined ? 'online' : shownOf(self)
  const name = ownName(address, self?.nick)
  return (
    <>
      <Avatar
        name={name}
        address={address}
        picture={self?.picture}
        availability={isConnected ? show : 'offline'}
      />
      <div className={style['who']}>
        <b>
          <bdi>{name}</bdi>
        </b>
        <small role="status" dir="auto" className={isConnected ? undefined : style['trouble']}>
          {isConnected && show !== 'online' && (
            <span className={hidden['hidden']}>{availabilityOf({ availability: show })}</span>
          )}
          {(isConnected && alone && self?.status.text) || lineOf(account)}
        </small>
      </div>
    </>
  )
}

interface AccountMenuProps {
  readonly account: AccountState
  readonly label: string
  readonly compact?: boolean
  /** What has to do with no account. */
  readonly common?: Entries
}

function AccountMenu({ account, label, compact = false, common = NONE }: AccountMenuProps) {
  const self = useView(state => selfOf(state, account.address))
  const [first, ...others] = common
  const apart = first === undefined || self === undefined ? common : [{ ...first, apart: true }, ...others]
  return (
    <ButtonMenu
      entries={[...(self === undefined ? [] : statusEntries(self)), ...apart, ...entriesOf(account, self)]}
    >
      <IconButton icon={MoreHorizontal} label={label} compact={compact} />
    </ButtonMenu>
  )
}

/** What others are told of us. */
function statusEntries({ account, status }: Self): Entries {
  const choices = [
    ['online', Circle],
    ['away', Moon],
    ['busy', CircleMinus],
  ] as const
  return [
    ...choices.map(([show, icon]) => ({
      icon,
      label: availabilityOf({ availability: show }),
      checked: status.show === show,
      act: () => void attempt(window.plumb.changeStatus(account, { ...status, show })),
    })),
    { icon: MessageSquare, label: say('own.status'), act: open({ kind: 'status', account }) },
    { icon: IdCard, label: say('own.profile'), act: open({ kind: 'profile', account }) },
  ]
}

/** What can be done with one account. */
function entriesOf(account: AccountState, self: Self | undefined): Entries {
  const { address } = account
  if (account.kind === 'signed-in') {
    // Where its server can block nobody, there is nobody.
    const canBlock = (self?.blocked ?? null) !== null
    return [
      {
        icon: UserRound,
        label: say('own.account'),
        apart: self !== undefined,
        act: open({ kind: 'account', address }),
      },
      ...(canBlock
        ? [{ icon: Ban, label: say('own.blocked'), act: open({ kind: 'blocked', account: address }) }]
        : []),
      { icon: LogOut, label: say('own.sign-out'), act: () => void attempt(window.plumb.signOut(address)) },
    ]
  }
  return [
    { icon: LogIn, label: say('own.sign-in'), act: open({ kind: 'add-account', address }) },
    {
      icon: Trash2,
      label: say('own.remove'),
      danger: true,
      act: open({ kind: 'remove-account', address }),
    },
  ]
}

function lineOf(account: AccountState): string {
  switch (account.kind) {
    case 'signed-out':
      return account.failure === null ? say('own.signed-out') : account.failure.message
    case 'signing-in':
      return say('own.signing-in')
    case 'signed-in':
      if (account.connection === 'connected') return account.address
      if (account.trouble !== null) return account.trouble.message
      return account.connection === 'connecting' ? say('own.connecting') : say('own.reconnecting')
  }
}

function open(dialog: OpenDialog): () => void {
  return () => dispatch({ type: 'open-dialog', dialog })
}
