"""The steps of the catalog's schema that make the tables of banks and of review."""

from __future__ import annotations

ADD_BANKS = """
    -- Changes of banks, counted apart from those of images: an index cache does not depend on banks. Each has
    -- a mark drawn at random, as in revisions.
    CREATE TABLE bank_revisions (number INTEGER PRIMARY KEY, mark TEXT NOT NULL) STRICT;
    INSERT INTO bank_revisions VALUES (0, lower(hex(randomblob(8))));

    -- Named sets of known pictures and hashes. AUTOINCREMENT here and below: no id is ever used again, so
    -- "ids above the last one seen" are exactly the new ones.
    CREATE TABLE banks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        negative INTEGER NOT NULL,  -- 1: what lies in it is never reported
        enabled INTEGER NOT NULL,
        rule TEXT NOT NULL CHECK (rule IN ('copies', 'similar')),
        fpr REAL NOT NULL,
        note TEXT NOT NULL
    ) STRICT;

    CREATE TABLE bank_entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        bank_id INTEGER NOT NULL REFERENCES banks (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('picture', 'sha256', 'md5', 'pdq', 'lookalike')),
        value BLOB NOT NULL,  -- the hash; of a picture the SHA-256 of its bytes
        model TEXT NOT NULL,  -- fingerprint of the embedder of a hash of kind lookalike; else empty
        note TEXT NOT NULL,
        tags TEXT NOT NULL,  -- a JSON list of texts
        added INTEGER NOT NULL,  -- seconds since 1970
        checksum INTEGER NOT NULL,  -- of all else in the row but the id
        UNIQUE (kind, value, model, bank_id)
    ) STRICT;
    CREATE INDEX bank_entries_by_bank ON bank_entries (bank_id);
"""

ADD_REVIEW = """
    -- Small copies of checked pictures that matched a bank, kept only if that was asked for (check --keep).
    CREATE TABLE checked_pictures (
        sha256 BLOB PRIMARY KEY,
        name TEXT NOT NULL,  -- of the file or upload; empty once it was purged
        picture BLOB,  -- a JPEG of at most 256 pixels a side; NULL once it was purged
        checksum INTEGER NOT NULL  -- of all else in the row, here and below, as in the tables above
    ) STRICT, WITHOUT ROWID;

    -- Pairs of a checked picture and an entry of a bank that it matched, for a person to decide. The entry is
    -- named by what it holds, so that a decision outlives its removal.
    CREATE TABLE cases (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        bank_id INTEGER NOT NULL REFERENCES banks (id) ON DELETE CASCADE,
        sha256 BLOB NOT NULL REFERENCES checked_pictures (sha256),
        kind TEXT NOT NULL,  -- of the entry
        value BLOB NOT NULL,  -- of the entry
        found TEXT NOT NULL,  -- a JSON object: verdict, p, evidence, the bank's rate, the network
        queued INTEGER NOT NULL,  -- seconds since 1970
        decision TEXT CHECK (decision IN ('confirmed', 'not a match', 'unsure')),  -- NULL: it waits
        logged INTEGER,  -- number of the entry of the audit log that holds the decision
        checksum INTEGER NOT NULL,
        UNIQUE (sha256, bank_id, kind, value)
    ) STRICT;
    CREATE INDEX cases_by_bank ON cases (bank_id);
    CREATE INDEX cases_by_decision ON cases (decision, id);
    CREATE TRIGGER no_case_no_picture AFTER DELETE ON cases BEGIN
        DELETE FROM checked_pictures WHERE sha256 = OLD.sha256
        AND NOT EXISTS (SELECT 1 FROM cases WHERE sha256 = OLD.sha256);
    END;

    -- What people decided, in order. AUTOINCREMENT: the highest number ever given is known, so a log that was
    -- cut off at its end is told from a whole one.
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        entry TEXT NOT NULL,  -- a JSON object; its last member is the digest of the entry before
        digest BLOB NOT NULL  -- SHA-256 of entry
    ) STRICT;
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END;
    CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit BEGIN
        SELECT RAISE(ABORT, 'the audit log is only added to');
    END;
"""

ADD_HASH_KEYS = """
    -- Secret keys of hashes in banks; entries name one in their column model, after the embedder and a plus.
    CREATE TABLE hash_keys (
        name TEXT PRIMARY KEY,
        seed BLOB NOT NULL,  -- of the hyperplanes
        checksum INTEGER NOT NULL  -- of all else in the row
    ) STRICT, WITHOUT ROWID;
"""

ADD_ENTRY_METADATA = """
    -- What programs say of entries of banks.
    CREATE TABLE entry_metadata (
        entry_id INTEGER PRIMARY KEY REFERENCES bank_entries (id) ON DELETE CASCADE,
        metadata TEXT NOT NULL,  -- a JSON object
        checksum INTEGER NOT NULL  -- of all else in the row
    ) STRICT;
"""

ADD_CONTENTS = """
    -- Share of the lookups by clients of Hasher-Matcher-Actioner that ask an enabled bank.
    ALTER TABLE banks ADD COLUMN ratio REAL NOT NULL DEFAULT 1;

    -- Entries that checks and lookups leave out.
    CREATE TABLE disabled_entries (
        entry_id INTEGER PRIMARY KEY REFERENCES bank_entries (id) ON DELETE CASCADE,
        until INTEGER NOT NULL,  -- seconds since 1970; 0: for ever
        checksum INTEGER NOT NULL  -- of all else in the row, here and below
    ) STRICT;

    -- Entries that were added together with another one, as further hashes of the same content.
    CREATE TABLE further_hashes (
        entry_id INTEGER PRIMARY KEY REFERENCES bank_entries (id) ON DELETE CASCADE,
        content_id INTEGER NOT NULL REFERENCES bank_entries (id) ON DELETE CASCADE,
        checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX further_hashes_by_content ON further_hashes (content_id);
"""
