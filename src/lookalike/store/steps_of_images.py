"""The steps of the catalog's schema that make the tables of images, and of what is known of them."""

from __future__ import annotations

CREATE_CATALOG = """
    -- What is true of the whole collection: the embedder's name and fingerprint.
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Counts the writing transactions, so that a reader can tell what it has not seen yet. Each has a mark
    -- drawn at random: after a backup was put back, or the catalog made anew, a number can come again.
    CREATE TABLE revisions (number INTEGER PRIMARY KEY, mark TEXT NOT NULL) STRICT;
    INSERT INTO revisions VALUES (0, lower(hex(randomblob(8))));

    -- AUTOINCREMENT: an id is never used again, so "ids above the last one seen" are exactly the new images.
    CREATE TABLE images (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 BLOB NOT NULL UNIQUE,
        format TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE embeddings (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        vector BLOB NOT NULL,  -- little-endian float32
        checksum INTEGER NOT NULL  -- CRC-32 of vector
    ) STRICT;

    CREATE TABLE files (
        path BLOB PRIMARY KEY,  -- absolute, as the file system has it: it need not be valid text
        root BLOB NOT NULL,  -- the path a person named when this file was met
        image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX files_by_image ON files (image_id);

    -- Ids that are gone, for readers that still hold them.
    CREATE TABLE removals (image_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
    CREATE INDEX removals_by_revision ON removals (revision);
"""

ADD_SUCCESSOR = """
    -- The embedder that the collection is moving to, and its vectors so far; until they are complete, all
    -- else goes on with the old ones.
    CREATE TABLE successor (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        embedder TEXT NOT NULL,
        fingerprint TEXT NOT NULL
    ) STRICT;
    CREATE TABLE successor_embeddings (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        vector BLOB NOT NULL,  -- little-endian float32
        checksum INTEGER NOT NULL  -- CRC-32 of vector
    ) STRICT;
"""

ADD_UNWANTED = """
    -- What a person removed for good: files with these bytes are not taken again.
    CREATE TABLE unwanted (
        sha256 BLOB NOT NULL,
        path BLOB NOT NULL,  -- where they lay when they were removed
        PRIMARY KEY (sha256, path)
    ) STRICT, WITHOUT ROWID;
"""

ADD_REFUSALS = """
    -- Files that could not be used, as a person was told of them.
    CREATE TABLE refusals (
        path BLOB PRIMARY KEY,  -- as in files
        size INTEGER,  -- NULL, as mtime_ns is, of what could not be looked at
        mtime_ns INTEGER,
        reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
"""

ADD_SIGHTS = """
    -- Small pictures, for holding an image against another without its file.
    CREATE TABLE sights (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        picture BLOB NOT NULL  -- a JPEG of at most 256 pixels a side
    ) STRICT;
"""

ADD_CHECKSUMS = """
    -- A checksum of all else in the row, for ``verify``; see ``encoding.checksum_of``. That of an image
    -- leaves out the id, which is not known before the row is stored.
    ALTER TABLE images ADD COLUMN checksum INTEGER;
    UPDATE images SET checksum = checksum_of(sha256, format, width, height);
    ALTER TABLE files ADD COLUMN checksum INTEGER;
    UPDATE files SET checksum = checksum_of(path, root, image_id, size, mtime_ns);
    ALTER TABLE unwanted ADD COLUMN checksum INTEGER;
    UPDATE unwanted SET checksum = checksum_of(sha256, path);
    ALTER TABLE sights ADD COLUMN checksum INTEGER;
    UPDATE sights SET checksum = checksum_of(image_id, picture);
"""

ADD_LOSSES = """
    -- When the catalog's log was found damaged, until a person has taken note of it.
    CREATE TABLE losses (
        noticed INTEGER NOT NULL,  -- seconds since 1970
        commits INTEGER NOT NULL  -- that may be missing
    ) STRICT;
"""

ADD_DECISIONS = """
    -- What a person said of two images: by their bytes, so that it outlives ids, paths and embedders.
    CREATE TABLE decisions (
        first BLOB NOT NULL,  -- SHA-256, the lesser of the two
        second BLOB NOT NULL,  -- SHA-256; the same as first for the files of one image
        decision TEXT NOT NULL CHECK (decision IN ('not a match', 'keep all')),
        checksum INTEGER NOT NULL,  -- of all else in the row, as in the tables above
        PRIMARY KEY (first, second)
    ) STRICT, WITHOUT ROWID;
"""

ADD_LOOKED_AT = """
    -- Pairs of images that were held against each other, so that nobody has to do it again.
    CREATE TABLE looked_at (
        first INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,  -- taken for the original
        second INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        rules INTEGER NOT NULL,  -- version of the second look
        score REAL,  -- NULL if a picture was out of reach
        evidence TEXT,  -- a JSON object; NULL unless the score verifies a copy
        checksum INTEGER NOT NULL,
        PRIMARY KEY (first, second)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX looked_at_by_second ON looked_at (second);

    -- How far the search for duplicates has come: all images up to last_id.
    CREATE TABLE scans (
        fingerprint TEXT NOT NULL,  -- of the embedder by which pairs were chosen
        rules INTEGER NOT NULL,  -- as of looked_at
        last_id INTEGER NOT NULL,
        PRIMARY KEY (fingerprint, rules)
    ) STRICT, WITHOUT ROWID;

    -- Names of groups of duplicates, so that a group keeps its name when it changes.
    CREATE TABLE group_names (
        sha256 BLOB PRIMARY KEY,  -- of an image that was in the group
        name TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
"""

ADD_GIVEN_GROUP_NAMES = """
    -- Every name that a group of duplicates ever had, so that none comes again for other images.
    CREATE TABLE given_group_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    INSERT INTO given_group_names SELECT DISTINCT name FROM group_names;
"""

ADD_CHECKSUMS_OF_FACTS = """
    -- As in the tables above: of all else in the row.
    ALTER TABLE facts ADD COLUMN checksum INTEGER;
    UPDATE facts SET checksum = checksum_of(name, value);
    ALTER TABLE revisions ADD COLUMN checksum INTEGER;
    UPDATE revisions SET checksum = checksum_of(number, mark);
"""

ADD_ANNOTATIONS = """
    -- What people say of images: by their bytes, so that it outlives ids, paths and embedders.
    CREATE TABLE annotations (
        sha256 BLOB PRIMARY KEY,
        name TEXT NOT NULL,  -- under which it was uploaded; else empty
        metadata TEXT NOT NULL,  -- a JSON object
        tags TEXT NOT NULL,  -- a JSON list of texts
        checksum INTEGER NOT NULL  -- of all else in the row
    ) STRICT;

    -- What filters ask for, derived from the above: "tag:red", "meta:shop=12".
    CREATE TABLE annotation_labels (
        label TEXT NOT NULL,
        sha256 BLOB NOT NULL REFERENCES annotations (sha256) ON DELETE CASCADE,
        PRIMARY KEY (label, sha256)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX annotation_labels_by_sha256 ON annotation_labels (sha256);
"""

ADD_DOUBTS = """
    -- What is wrong with the files of images that were taken all the same, in words for people.
    CREATE TABLE doubts (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        remark TEXT NOT NULL,  -- as "cut short, 98 % read"
        checksum INTEGER NOT NULL  -- of all else in the row
    ) STRICT;
"""

ADD_LANDMARKS = """
    -- Places in pictures that are all alike to the embedder, by which scans for duplicates tell them apart.
    CREATE TABLE landmarks (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        rules INTEGER NOT NULL,  -- version of the second look
        data BLOB NOT NULL,
        checksum INTEGER NOT NULL  -- of all else in the row
    ) STRICT;
"""

ADD_PANELS = """
    -- The pictures that an image is put together from, as a collage is, by which searches for them find it.
    CREATE TABLE panels (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        fingerprint TEXT NOT NULL, rules INTEGER NOT NULL,  -- embedder; version of how they are found
        checksum INTEGER NOT NULL,  -- of all else in the row
        data BLOB NOT NULL  -- where each lies, and the copy part of its embedding
    ) STRICT;
    CREATE INDEX panels_by_checksum ON panels (checksum);  -- to notice changes without reading the data
"""
