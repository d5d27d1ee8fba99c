import { resolve } from 'node:path'

/** What can be said when the app is started; everything else is Chromium's business. */
export interface AppArguments {
  /** Absolute. Another place for settings, list and window: tests, and people with two accounts. */
  readonly userDataDir: string | undefined
  /** Absolute. PEM of the authorities to trust instead of the built-in ones. */
  readonly caFile: string | undefined
  /** Both ends may be on this computer: tests and the demo. */
  readonly allowLoopback: boolean
  /** An xmpp: link, which Windows and Linux hand over as an argument. */
  readonly link: string | undefined
}

export function readAppArguments(argv: readonly string[]): AppArguments {
  const given = (name: string): string | undefined =>
    argv.find(argument => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
  const path = (name: string): string | undefined => {
    const value = given(name)
    return value === undefined ? undefined : resolve(value)
  }
  return {
    userDataDir: path('user-data-dir'),
    caFile: path('ca'),
    allowLoopback: argv.includes('--allow-loopback'),
    link: argv.find(argument => /^xmpp:/i.test(argument)),
  }
}
