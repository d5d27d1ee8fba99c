import { ArrowDownUp, Info, Paperclip, UserPlus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Person } from '../../shared/model/person.ts'
import { splitPersonId } from '../../shared/model/person-id.ts'
import { Avatar } from '../components/avatar.tsx'
import { Button, IconButton } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { Mark } from '../components/mark.tsx'
import { chooseFiles, sendFiles } from '../state/files.ts'
import { isOwn, isSeenOffline } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { presenceLine } from '../words/person.ts'
import { say } from '../words/say.ts'
import { AccountLabel } from './account-label.tsx'
import { Composer } from './composer.tsx'
import style from './conversation.module.css'
import { useFileDrop } from './file-drop.ts'
import { MessageList } from './message-list.tsx'

/** The middle column: whoever was chosen, or how to begin. */
export function Conversation() {
  const viewing = useView(state => state.viewing)
  const person = useView(state => (viewing === undefined ? undefined : state.known?.people.get(viewing)))
  useEffect(() => void attempt(window.plumb.viewConversation(viewing ?? null)), [viewing])
  return person === undefined ? <NobodyChosen /> : <Talk key={person.id} person={person} />
}

function Talk({ person }: { readonly person: Person }) {
  const { id, address, name } = person
  const own = isOwn(id)
  const { over, handlers } = useFileDrop(files => sendFiles(id, files))
  const attach = useView(state => state.attach)
  const attached = useRef(attach)
  useEffect(() => {
    if (attach === attached.current) return
    attached.current = attach
    chooseFiles(id)
  }, [attach, id])
  return (
    <section className={style['conversation']} aria-label={say('talk.with', { name })} {...handlers}>
      <header className={style['head']}>
        <Avatar name={name} address={address} picture={person.picture} availability={person.availability} />
        <div className={style['who']}>
          <div className={style['name']}>
            <h1 dir="auto">{name}</h1>
            <AccountLabel person={id} />
          </div>
          <p>
            {own ? say('talk.own') : person.typing ? say('talk.writing') : presenceLine(person)}
            {person.status !== '' && (
              <span className={style['status']} title={person.status}>
                <bdi>{person.status}</bdi>
              </span>
            )}
          </p>
          <p className={hidden['hidden']} role="status">
            {person.typing && say('talk.is-writing', { name })}
          </p>
        </div>
        {!person.inContacts && !own && (
          <IconButton
            icon={UserPlus}
            label={say('talk.add')}
            onClick={() =>
              dispatch({
                type: 'open-dialog',
                dialog: { kind: 'add-person', address, account: splitPersonId(id).account },
              })
            }
          />
        )}
        {!person.blocked && (
          <IconButton icon={Paperclip} label={say('talk.send-files')} onClick={() => chooseFiles(id)} />
        )}
        <IconButton
          icon={Info}
          label={say('talk.details')}
          onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'contact', person: id } })}
        />
        <TransfersToggle />
      </header>
      <MessageList person={person} />
      {person.blocked ? <BlockedBar person={person} /> : <Composer person={person} />}
      {over > 0 && <DropOverlay person={person} count={over} />}
    </section>
  )
}

/** In the place of the composer: nothing can be sent to them. */
function BlockedBar({ person: { id, name } }: { readonly person: Person }) {
  const { account, address } = splitPersonId(id)
  return (
    <div className={style['blocked']}>
      <p>{say('talk.blocked', { name })}</p>
      <Button onClick={() => void attempt(window.plumb.unblock(account, address))}>
        {say('talk.unblock')}
      </Button>
    </div>
  )
}

/** Opens and closes the third column. */
function TransfersToggle() {
  const open = useView(state => state.transfersOpen)
  return (
    <IconButton
      icon={ArrowDownUp}
      label={say('talk.transfers')}
      aria-pressed={open}
      onClick={() => dispatch({ type: 'show-transfers', open: !open })}
    />
  )
}

function DropOverlay({ person, count }: { readonly person: Person; readonly count: number }) {
  return (
    <div className={style['drop']} role="status">
      <Mark size={40} />
      <b>{say('drop.to', { name: person.name })}</b>
      <span>{isSeenOffline(person) ? say('drop.offline', { count }) : say('drop.online', { count })}</span>
    </div>
  )
}

function NobodyChosen() {
  const nobody = useView(state => state.known?.people.size === 0)
  return (
    <section className={style['conversation']} aria-label={say('talk.none')}>
      <header className={style['head']}>
        <div className={style['who']} />
        <TransfersToggle />
      </header>
      <div className={style['empty']}>
        <Mark size={40} />
        {nobody ? (
          <>
            <h1>{say('empty.first')}</h1>
            <p>{say('empty.first-hint')}</p>
            <Button
              kind="primary"
              onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address: '' } })}
            >
              {say('empty.add')}
            </Button>
          </>
        ) : (
          <>
            <h1>{say('empty.choose')}</h1>
            <p>{say('empty.choose-hint')}</p>
          </>
        )}
      </div>
    </section>
  )
}
