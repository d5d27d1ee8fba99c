import { useState } from 'react'
import type { Availability } from '../../shared/model/person.ts'
import { language } from '../../shared/words/language.ts'
import { faceAddress } from '../words/picture.ts'
import style from './avatar.module.css'
import { joined } from './button.tsx'

const HUES = 8

interface AvatarProps {
  readonly name: string
  /** Chooses the colour, so that it stays when the name changes. */
  readonly address: string
  /** The hash of their picture, where there is one. */
  readonly picture?: string | null | undefined
  readonly large?: boolean
  /** Shown as a dot where given; the text beside it says it, too. */
  readonly availability?: Availability
}

export function Avatar({ name, address, picture = null, large = false, availability }: AvatarProps) {
  return (
    <span
      className={joined(style['avatar'], large ? style['large'] : undefined, style[`hue${hueOf(address)}`])}
      aria-hidden
    >
      {initialsOf(name)}
      {picture !== null && <Picture key={picture} hash={picture} />}
      {availability !== undefined && <span className={joined(style['dot'], style[availability])} />}
    </span>
  )
}

/** Over the initials, which are what there is where it cannot be had. */
function Picture({ hash }: { readonly hash: string }) {
  const [isBroken, setBroken] = useState(false)
  if (isBroken) return null
  return (
    <img
      className={style['picture']}
      src={faceAddress(hash)}
      alt=""
      draggable={false}
      onError={() => setBroken(true)}
    />
  )
}

/** Two characters: of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter(word => /[\p{L}\p{N}]/u.test(word))
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words
  const letters = picked.map(word => [...new Intl.Segmenter().segment(word ?? '')][0]?.segment ?? '')
  return letters.join('').toLocaleUpperCase(language().locale) || '?'
}

function hueOf(address: string): number {
  let sum = 0
  for (const character of address) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return sum % HUES
}
