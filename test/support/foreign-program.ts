import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ForeignName } from './foreign-available.ts'
import { LineProgram } from './line-program.ts'

/*
 * Real programs of others: small ones on the libraries that other clients are made of, in test/interop. All take the
 * same options and tell the same lines:
 *
 *   online {jid}                    signed in, with its full JID
 *   offered {name, size?, method?}  somebody offers a file; it is accepted at once, unless an option says otherwise
 *   accepted {method?}              its own offer was
 *   progress {bytes}
 *   done {path, bytes, sha256}      of the file as it is on the disk
 *   failed {reason}
 *
 * A sender ends with the file, with 0 or 1. A receiver goes on to the next one.
 */

const SOURCES = fileURLToPath(new URL('../interop/', import.meta.url))

export interface ForeignOptions {
  readonly jid: string
  readonly server: { readonly host: string; readonly port: number }
  /** To a full JID, or into a folder. */
  readonly task: { readonly send: string; readonly to: string } | { readonly receive: string }
  /** `socks5`, `ibb`, or both in this order, which is the default. libpurple always has both. */
  readonly methods?: readonly ('socks5' | 'ibb')[]
  /** As sender over SOCKS5: the server's proxy, and with `only` nothing else. slixmpp never has anything else. */
  readonly proxy?: { readonly jid: string; readonly only: boolean }
  /** Refuses each offer. */
  readonly decline?: boolean
  /** Ends a transfer in the middle, in either direction. */
  readonly cancelAfter?: number
  /** Is gone where an answer is due: as receiver to the offer, as sender once it was accepted (not libpurple). */
  readonly closeWithoutAnswer?: boolean
  /** Leaves the size out of its offer (not libpurple). */
  readonly noSize?: boolean
}

/** The programs, built where they have to be. */
export class ForeignPrograms implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'plumb-foreign-programs-'))
  /** Commands by name. */
  readonly #built = new Map<ForeignName, readonly [string, ...string[]]>()

  async build(names: readonly ForeignName[]): Promise<void> {
    await Promise.all(names.map(async name => this.#built.set(name, await this.#commandOf(name))))
  }

  start(name: ForeignName, options: ForeignOptions): LineProgram {
    const [command, ...args] = this.#built.get(name) ?? ['']
    return new LineProgram({
      command,
      args: [...args, ...argumentsOf(options)],
      // Theirs is what they write at home, too.
      env: { ...process.env, PEER_PASSWORD: 'secret', HOME: mkdtempSync(join(this.#folder, 'home-')) },
      tellsLines: true,
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #commandOf(name: ForeignName): Promise<readonly [string, ...string[]]> {
    switch (name) {
      case 'slixmpp':
        // Debian's own Python, which has Debian's modules.
        return ['/usr/bin/python3', join(SOURCES, 'slixmpp-peer.py')]
      case 'libpurple':
        return [await this.#compile(['gcc', '-std=gnu11'], 'purple-peer.c', ['purple'])]
      case 'QXmpp':
        return [
          await this.#compile(['g++', '-std=gnu++17', '-fPIC'], 'qxmpp-peer.cpp', [
            'qxmpp',
            'Qt5Core',
            'Qt5Network',
            'Qt5Xml',
          ]),
        ]
    }
  }

  async #compile(
    [compiler, ...options]: [string, ...string[]],
    source: string,
    libraries: readonly string[],
  ): Promise<string> {
    const run = promisify(execFile)
    const { stdout } = await run('pkg-config', ['--cflags', '--libs', ...libraries])
    const program = join(this.#folder, source.replace(/\.[a-z]+$/, ''))
    await run(compiler, [
      ...options,
      ...['-o', program, join(SOURCES, source)],
      ...stdout.trim().split(/\s+/),
    ])
    return program
  }
}

function argumentsOf(options: ForeignOptions): string[] {
  const { jid, server, task, methods, proxy, decline, cancelAfter, closeWithoutAnswer, noSize } = options
  return [
    ...['--jid', jid, '--server', `${server.host}:${server.port}`],
    ...('send' in task ? ['--to', task.to, '--send', task.send] : ['--receive', task.receive]),
    ...(methods === undefined ? [] : ['--methods', methods.join(',')]),
    ...(proxy === undefined ? [] : ['--proxy', proxy.jid]),
    ...(proxy?.only === true ? ['--proxy-only'] : []),
    ...(decline === true ? ['--decline'] : []),
    ...(cancelAfter === undefined ? [] : ['--cancel-after', String(cancelAfter)]),
    ...(closeWithoutAnswer === true ? ['--close-without-answer'] : []),
    ...(noSize === true ? ['--no-size'] : []),
  ]
}
