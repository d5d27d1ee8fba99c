import type { DatabaseSync } from 'node:sqlite'

/**
 * Version 1. `position` is the order within a conversation, in microseconds, and no time: `at` is what is shown.
 * The row of a conversation holds all that the list of people shows, so that opening counts no messages.
 */
const VERSION_1 = `
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  in_step_up_to TEXT,
  in_step_at INTEGER,
  archive_complete INTEGER NOT NULL DEFAULT 0,
  roster_version TEXT,
  contacts TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  address TEXT NOT NULL,
  unread INTEGER NOT NULL DEFAULT 0,
  last_kind TEXT,
  last_direction TEXT,
  last_text TEXT,
  last_at INTEGER,
  read_up_to TEXT,
  read_position INTEGER NOT NULL DEFAULT 0,
  read_awaited TEXT,
  displayed_position INTEGER NOT NULL DEFAULT 0,
  in_step_position INTEGER,
  oldest_archived TEXT,
  archive_complete INTEGER NOT NULL DEFAULT 0,
  deleted_up_to INTEGER,
  UNIQUE (account, address)
) STRICT;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  position INTEGER NOT NULL,
  direction TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  unstyled INTEGER NOT NULL DEFAULT 0,
  failure TEXT,
  original TEXT,
  edited_at INTEGER,
  stanza_id TEXT,
  origin_id TEXT,
  archive_id TEXT,
  device TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_position ON message (conversation, position);
CREATE UNIQUE INDEX message_archive ON message (account, archive_id) WHERE archive_id IS NOT NULL;
CREATE INDEX message_stanza ON message (conversation, stanza_id, position) WHERE stanza_id IS NOT NULL;
CREATE INDEX message_origin ON message (conversation, origin_id, position) WHERE origin_id IS NOT NULL;
CREATE INDEX message_theirs ON message (conversation, position) WHERE direction = 'in';
CREATE INDEX message_unsent ON message (account, position) WHERE state = 'sending';
CREATE INDEX message_undisplayed ON message (conversation, position) WHERE state IN ('sent', 'delivered');

CREATE TABLE folded (
  at INTEGER NOT NULL,
  message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
  account INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (at, message)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX folded_message ON folded (message);

CREATE TABLE correction (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  direction TEXT NOT NULL,
  replaces TEXT NOT NULL,
  message INTEGER REFERENCES message ON DELETE CASCADE,
  text TEXT,
  unstyled INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  stanza_id TEXT,
  origin_id TEXT,
  archive_id TEXT
) STRICT;
CREATE INDEX correction_replaces ON correction (conversation, replaces);
CREATE INDEX correction_stanza ON correction (conversation, stanza_id) WHERE stanza_id IS NOT NULL;
CREATE INDEX correction_origin ON correction (conversation, origin_id) WHERE origin_id IS NOT NULL;
CREATE INDEX correction_archive ON correction (account, archive_id) WHERE archive_id IS NOT NULL;
CREATE INDEX correction_message ON correction (message) WHERE message IS NOT NULL;
CREATE INDEX correction_held ON correction (account) WHERE message IS NULL;

CREATE TABLE mark (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  kind TEXT NOT NULL,
  stanza_id TEXT NOT NULL,
  UNIQUE (conversation, stanza_id, kind)
) STRICT;
CREATE INDEX mark_held ON mark (account);

CREATE TABLE transfer (
  id TEXT PRIMARY KEY,
  account INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  at INTEGER NOT NULL,
  is_over INTEGER NOT NULL,
  direction TEXT NOT NULL,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  shown TEXT NOT NULL,
  path TEXT
) STRICT;
CREATE INDEX transfer_conversation ON transfer (conversation, at);
CREATE INDEX transfer_over ON transfer (is_over, at);

CREATE TABLE blob (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  used INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT;
CREATE INDEX blob_used ON blob (used, size);

CREATE TABLE profile (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  address TEXT NOT NULL,
  avatar TEXT,
  nick TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE done_once (what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`

/** Version 2. Only who asks for it is told that a message was displayed (XEP-0333). */
const VERSION_2 = `
ALTER TABLE message ADD COLUMN markable INTEGER NOT NULL DEFAULT 0;
`

/** The step at index 0 makes version 1 out of an empty file. What was released is never changed: a step is added. */
const STEPS: readonly string[] = [VERSION_1, VERSION_2]

/** A database of a later version of Plumb, or of another program: nothing of it is touched. */
export class ForeignDatabaseError extends Error {}

/** Brings the file up to date, all or nothing. Throws a ForeignDatabaseError, and what SQLite throws. */
export function migrate(database: DatabaseSync, steps: readonly string[] = STEPS): void {
  const row = database.prepare('PRAGMA user_version').get()
  const version = Number(row?.['user_version'])
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (version > steps.length || (version === 0 && !isEmpty)) {
    throw new ForeignDatabaseError(`version ${version}`)
  }
  if (version === steps.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of steps.slice(version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${steps.length}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
