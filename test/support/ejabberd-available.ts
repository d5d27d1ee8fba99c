import { globSync } from 'node:fs'
import { dirname } from 'node:path'

/** The folder that Erlang finds ejabberd and its libraries in; undefined where it is not installed. */
export function ejabberdLibraries(): string | undefined {
  // Its own control program has the folder too, but starts it as another user, who cannot read our folders.
  const [found] = globSync('/usr/lib/{*-linux-gnu,erlang/lib}/ejabberd-*/ebin/ejabberd.beam')
  return found === undefined ? undefined : dirname(dirname(dirname(found)))
}

/** Undefined when ejabberd can be started here, otherwise a sentence that says how to get it. */
export function ejabberdMissing(): string | undefined {
  if (ejabberdLibraries() !== undefined) return undefined
  return 'ejabberd is not installed: get it with "apt-get install ejabberd" (Debian, Ubuntu).'
}
