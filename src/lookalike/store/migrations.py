"""The catalog's schema as named steps, in the order in which they run.

A step that has run somewhere stays as it is; a change of the schema is a further step at the end. The steps
themselves are SQL, in ``steps_of_images`` and ``steps_of_banks``.
"""

from __future__ import annotations

from lookalike.store.steps_of_banks import (
    ADD_BANKS,
    ADD_CONTENTS,
    ADD_ENTRY_METADATA,
    ADD_HASH_KEYS,
    ADD_REVIEW,
)
from lookalike.store.steps_of_images import (
    ADD_ANNOTATIONS,
    ADD_CHECKSUMS,
    ADD_CHECKSUMS_OF_FACTS,
    ADD_DECISIONS,
    ADD_DOUBTS,
    ADD_GIVEN_GROUP_NAMES,
    ADD_LANDMARKS,
    ADD_LOOKED_AT,
    ADD_LOSSES,
    ADD_PANELS,
    ADD_REFUSALS,
    ADD_SIGHTS,
    ADD_SUCCESSOR,
    ADD_UNWANTED,
    CREATE_CATALOG,
)

MIGRATIONS: tuple[str, ...] = (
    CREATE_CATALOG,
    ADD_SUCCESSOR,
    ADD_UNWANTED,
    ADD_REFUSALS,
    ADD_SIGHTS,
    ADD_CHECKSUMS,
    ADD_LOSSES,
    ADD_DECISIONS,
    ADD_LOOKED_AT,
    ADD_GIVEN_GROUP_NAMES,
    ADD_BANKS,
    ADD_CHECKSUMS_OF_FACTS,
    ADD_ANNOTATIONS,
    ADD_REVIEW,
    ADD_HASH_KEYS,
    ADD_ENTRY_METADATA,
    ADD_CONTENTS,
    ADD_DOUBTS,
    ADD_LANDMARKS,
    ADD_PANELS,
)
"""The first so many of them have run in a catalog; SQLite's ``user_version`` says how many."""
