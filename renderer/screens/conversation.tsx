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
    <section className={style['conversation']} aria-label={`Conversation with ${name}`} {...handlers}>
      <header className={style['head']}>
        <Avatar name={name} address={address} picture={person.picture} availability={person.availability} />
        <div className={style['who']}>
          <h1 dir="auto">{name}</h1>
          <p>
            {own ? 'Your own account, on another device' : person.typing ? 'Writing…' : presenceLine(person)}
          </p>
          <p className={hidden['hidden']} role="status">
            {person.typing && `${name} is writing.`}
            {person.status !== '' && (
              <span className={style['status']} dir="auto" title={person.status}>
                {person.status}
              </span>
            )}
          </p>
        </div>
        {!person.inContacts && !own && (
          <IconButton
            icon={UserPlus}
            label="Add to contacts"
            onClick={() =>
              dispatch({
                type: 'open-dialog',
                dialog: { kind: 'add-person', address, account: splitPersonId(id).account },
              })
            }
          />
        )}
        {!person.blocked && (
          <IconButton icon={Paperclip} label="Send files" onClick={() => chooseFiles(id)} />
        )}
        <IconButton
          icon={Info}
          label="Contact details"
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
      <p>
        You have blocked <bdi>{name}</bdi>.
      </p>
      <Button onClick={() => void attempt(window.plumb.unblock(account, address))}>Unblock</Button>
    </div>
  )
}

/** Opens and closes the third column. */
function TransfersToggle() {
  const open = useView(state => state.transfersOpen)
  return (
    <IconButton
      icon={ArrowDownUp}
      label="Transfers"
      aria-pressed={open}
      onClick={() => dispatch({ type: 'show-transfers', open: !open })}
    />
  )
}

function DropOverlay({ person, count }: { readonly person: Person; readonly count: number }) {
  // Which of them are folders, the system does not say before they are dropped.
  const what = count === 1 ? 'One file or folder' : `${count} files or folders`
  const where = isSeenOffline(person) ? 'Sends when they are online' : 'Straight to their computer'
  return (
    <div className={style['drop']} role="status">
      <Mark size={40} />
      <b>
        Drop to send to <bdi>{person.name}</bdi>
      </b>
      <span>
        {what}. {where}.
      </span>
    </div>
  )
}

function NobodyChosen() {
  const nobody = useView(state => state.known?.people.size === 0)
  return (
    <section className={style['conversation']} aria-label="Conversation">
      <header className={style['head']}>
        <div className={style['who']} />
        <TransfersToggle />
      </header>
      <div className={style['empty']}>
        <Mark size={40} />
        {nobody ? (
          <>
            <h1>Add the first person</h1>
            <p>You need their address, such as anna@example.org. They are asked whether you may see them.</p>
            <Button
              kind="primary"
              onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address: '' } })}
            >
              Add a person
            </Button>
          </>
        ) : (
          <>
            <h1>Choose somebody</h1>
            <p>Or drop a file or a folder on a name in the list: it goes straight to their computer.</p>
          </>
        )}
      </div>
    </section>
  )
}
