import { MAX_EMOJI_LENGTH, MAX_RECENT_EMOJI } from '../../shared/model/limits.ts'

const EMOJI = /^\p{RGI_Emoji}$/v
const MAX_ALONE = 6

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Whether it is one emoji, in the form that keyboards write: flags, families and keycaps are one. */
export function isEmoji(text: string): boolean {
  return text.length <= MAX_EMOJI_LENGTH && EMOJI.test(text)
}

/** How many emoji a message is that is nothing else; 0 for any other one, and for more than six. */
export function emojiAlone(text: string): number {
  if (text.length > MAX_ALONE * MAX_EMOJI_LENGTH) return 0
  const all = [...graphemes.segment(text.replace(/\s+/gu, ''))]
  return all.length <= MAX_ALONE && all.every(({ segment }) => isEmoji(segment)) ? all.length : 0
}

/** What was picked lately, the last one first. */
export function withRecent(recent: readonly string[], picked: string): readonly string[] {
  return [picked, ...recent.filter(emoji => emoji !== picked)].slice(0, MAX_RECENT_EMOJI)
}

/** Of what was kept, which may be anything, as many emoji as are shown. */
export function recentEmoji(kept: readonly string[]): readonly string[] {
  return [...new Set(kept.filter(isEmoji))].slice(0, MAX_RECENT_EMOJI)
}
