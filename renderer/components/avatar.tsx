import type { Availability } from '../../shared/model/person.ts'
import style from './avatar.module.css'
import { joined } from './button.tsx'

const HUES = 8

interface AvatarProps {
  readonly name: string
  /** Chooses the colour, so that it stays when the name changes. */
  readonly address: string
  /** Shown as a dot where given; the text beside it says it, too. */
  readonly availability?: Availability
}

export function Avatar({ name, address, availability }: AvatarProps) {
  return (
    <span className={joined(style['avatar'], style[`hue${hueOf(address)}`])} aria-hidden>
      {initialsOf(name)}
      {availability !== undefined && <span className={joined(style['dot'], style[availability])} />}
    </span>
  )
}

/** Two characters: of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter(word => /[\p{L}\p{N}]/u.test(word))
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words
  const letters = picked.map(word => [...new Intl.Segmenter().segment(word ?? '')][0]?.segment ?? '')
  return letters.join('').toLocaleUpperCase() || '?'
}

function hueOf(address: string): number {
  let sum = 0
  for (const character of address) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return sum % HUES
}
