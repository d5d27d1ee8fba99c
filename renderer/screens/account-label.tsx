import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import hidden from '../components/hidden.module.css'
import { accountLabel } from '../state/accounts.ts'
import { useView } from '../state/store.ts'
import { draw } from '../words/say.ts'
import style from './account-label.module.css'

/** Behind a name: which of several accounts of ours they belong to. */
export function AccountLabel({ person }: { readonly person: PersonId }) {
  const account = useView(({ known }) => accountLabel(known?.accounts ?? [], splitPersonId(person).account))
  if (account === undefined) return null
  return (
    <small className={style['account']}>
      {draw('person.for-account', {
        unseen: inner => <span className={hidden['hidden']}>{inner}</span>,
        account,
      })}
    </small>
  )
}
