/** Of a letter (RFC 6068 section 2). Whoever follows a link means no other: by `attach` some programs add a file. */
const FIELDS: readonly string[] = ['to', 'cc', 'bcc', 'subject', 'body', 'in-reply-to']

/** Whether a mailto: link asks for a letter and nothing else: no file of this computer, no further headers. */
export function isHarmlessMail({ pathname, search }: URL): boolean {
  const isLine = (text: string): boolean => !/\p{Cc}|%(?:[01][0-9a-f]|7f)/iu.test(text)
  return (
    isLine(pathname) &&
    [...new URLSearchParams(search)].every(([name, value]) => {
      const field = name.toLowerCase()
      return FIELDS.includes(field) && (field === 'body' || isLine(value))
    })
  )
}
