import { useState } from 'react'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { joined } from '../components/button.tsx'
import { pictureRule } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { pictureAddress, roomFor } from '../words/picture.ts'
import { say } from '../words/say.ts'
import style from './transfer-picture.module.css'

/** The picture that a file is: this window is the only one that decodes it. Nothing, where it cannot be shown. */
export function TransferPicture({ transfer }: { readonly transfer: ShownTransfer }) {
  const { id, name, picture } = transfer
  const rule = useView(state => pictureRule(state, transfer))
  const [isBroken, setBroken] = useState(false)
  if (picture === null || rule === 'hide' || isBroken) return null
  const asks = rule === 'ask'
  const room = roomFor(picture)
  return (
    // One button for both, so that the focus stays on it.
    <button
      type="button"
      className={joined(style['picture'], asks ? style['asks'] : undefined)}
      style={room}
      onClick={() => {
        if (asks) dispatch({ type: 'show-picture', transfer: id })
        else void attempt(window.plumb.openTransfer(id))
      }}
    >
      {asks ? (
        say('transfer-picture.show')
      ) : (
        <img
          {...room}
          src={pictureAddress(id)}
          alt={name}
          loading="lazy"
          decoding="async"
          // Dropped on the conversation it would be sent back.
          draggable={false}
          onError={() => setBroken(true)}
        />
      )}
    </button>
  )
}
