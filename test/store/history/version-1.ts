import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/*
 * A file as version 1 wrote it. It stays as it is, whatever comes: people have such files.
 */

const TABLES = `
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

const ROWS = `
INSERT INTO account (id, address, in_step_up_to, in_step_at, roster_version, contacts) VALUES
  (1, 'me@a.org', 'a2', 1781533920000, 'v1',
   '[{"address":"anna@b.org","name":"Anna","subscription":"both","asked":false,"groups":["Friends"]}]');
INSERT INTO conversation (id, account, address, unread, last_kind, last_direction, last_text, last_at, read_up_to,
    read_position, in_step_position, oldest_archived) VALUES
  (1, 1, 'anna@b.org', 1, 'message', 'in', 'second', 1781533920000, 'uuid-1', 1781533860000000, 1781533920000000, 'a1');
INSERT INTO message (id, uuid, account, conversation, position, direction, state, at, text, original, edited_at,
    stanza_id, archive_id, device) VALUES
  (1, 'uuid-1', 1, 1, 1781533860000000, 'out', 'displayed', 1781533860000, 'first', 'frist', 1781533861000,
   's1', 'a1', 'me@a.org/Laptop'),
  (2, 'uuid-2', 1, 1, 1781533920000000, 'in', 'received', 1781533920000, 'second', NULL, NULL,
   's2', 'a2', 'anna@b.org/Phone');
INSERT INTO folded (message, account, at, text) VALUES
  (1, 1, 1781533860000, 'first'), (2, 1, 1781533920000, 'second');
INSERT INTO correction (account, conversation, direction, replaces, text, at, rank, stanza_id) VALUES
  (1, 1, 'in', 's3', 'third, corrected', 1781533980000, 1, 'c3');
INSERT INTO mark (account, conversation, kind, stanza_id) VALUES (1, 1, 'displayed', 's4');
INSERT INTO transfer (id, account, conversation, at, is_over, direction, name, folded, shown, path) VALUES
  ('t1', 1, 1, 1781533900000, 1, 'in', 't1.txt', 't1.txt',
   '{"id":"t1","person":"me@a.org anna@b.org","direction":"in","name":"t1.txt","size":1000,"files":null,"at":1781533900000,"state":{"kind":"done","at":1781533900000,"seconds":1,"sha256":"ab"},"receipt":null,"attempts":[],"resumedFrom":null,"restarted":false,"canPause":false,"canRetry":false,"listed":true,"hasFile":true,"picture":null}',
   '/home/me/t1.txt');
INSERT INTO blob (kind, key, size, used, bytes) VALUES ('avatar', 'k', 2, 1781533920000, x'0102');
INSERT INTO profile (account, address, avatar, nick, at) VALUES (1, 'anna@b.org', 'k', 'Änne', 1781533920000);
INSERT INTO done_once (what) VALUES ('transfers.json');
`

export function writeVersion1(folder: string): void {
  const database = new DatabaseSync(join(folder, 'history.db'))
  database.exec(`PRAGMA journal_mode = WAL; ${TABLES}; ${ROWS}; PRAGMA user_version = 1`)
  database.close()
}
