/** East Asian Wide and Fullwidth (UAX #11) and what emoji there are, as far as the tests use them. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|[\u{20000}-\u{3FFFD}]/u

/** Back to the beginning of the line, and clear it. */
const ERASE = '\r\u001b[2K'

/** A terminal that obeys what the report may use, throws at everything else, and breaks lines like a real one. */
export class FakeTerminal {
  readonly isTTY = true
  readonly columns: number
  /** Lines that scrolled by, and the one that the cursor is on. */
  readonly lines: string[] = ['']
  #column = 0
  /** How often a line was too long. */
  wraps = 0

  constructor(columns: number) {
    this.columns = columns
  }

  get current(): string {
    return this.lines.at(-1) ?? ''
  }

  write(text: string): void {
    for (let rest = text; rest !== ''; ) {
      if (rest.startsWith(ERASE)) {
        this.#set('')
        this.#column = 0
        rest = rest.slice(ERASE.length)
        continue
      }
      const [character = ''] = rest
      rest = rest.slice(character.length)
      if (character === '\n') {
        this.lines.push('')
        this.#column = 0
        continue
      }
      if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character)) {
        throw new Error(`U+${character.codePointAt(0)?.toString(16)} reached the terminal`)
      }
      const width = WIDE.test(character) ? 2 : 1
      if (this.#column + width > this.columns) {
        this.wraps += 1
        this.lines.push('')
        this.#column = 0
      }
      this.#set(this.current + character)
      this.#column += width
    }
  }

  #set(line: string): void {
    this.lines[this.lines.length - 1] = line
  }
}

/** Somewhere that is no terminal. */
export class FakePipe {
  text = ''

  write(text: string): void {
    this.text += text
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}
