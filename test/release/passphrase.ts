import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

const VARIABLE = 'PLUMB_RELEASE_PASSPHRASE'

/** The passphrase of the release key: from the environment, else asked for without showing it. */
export async function readPassphrase(question: string): Promise<string> {
  const given = process.env[VARIABLE]
  if (given !== undefined) return given
  if (!process.stdin.isTTY) throw new Error(`Nobody can be asked for the passphrase: set ${VARIABLE}.`)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  // Only now: what is typed is not shown any more.
  process.stderr.write(question)
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

export function isFromEnvironment(): boolean {
  return process.env[VARIABLE] !== undefined
}
