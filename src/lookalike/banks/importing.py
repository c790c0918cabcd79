"""A list of hashes taken into a bank, as a whole or not at all."""

from __future__ import annotations

import time
from typing import BinaryIO

from lookalike.banks.keyed import HashKey
from lookalike.banks.lists import FORMS, Form, ListReader
from lookalike.collection.facade import Collection
from lookalike.errors import UsageError
from lookalike.store import Bank, BankEntries, HashKeys


def take_list(
    collection: Collection, bank: Bank, file: BinaryIO, form: Form, key: HashKey | None
) -> tuple[int, int, int]:
    """Add all hashes of a list to a bank; arguments, result and errors are those of ``Banks.import_list``."""
    if form not in FORMS:
        raise UsageError(f"the form of a list is {', '.join(FORMS)}, not {form!r}")
    database, own = collection.bases.database, collection.embedder.fingerprint
    keys = HashKeys(database)
    model = own if key is None else key.model(own)
    keyed = {HashKey.of_bytes(seed).model(own) for seed in keys.all().values()} | {model}
    start = file.tell()
    reader = ListReader(file, form, negative=bank.negative, model=model, keyed=keyed)
    read = sum(1 for _ in reader)
    if not read and not reader.left_out:
        raise UsageError("the list is empty: it has no entry")
    file.seek(start)
    again = ListReader(file, form, negative=bank.negative, model=model, keyed=keyed)
    with database.atomic():
        if key is not None:
            keys.keep(key.name, key.stored)
        new = BankEntries(database).add(bank.bank_id, again, int(time.time()))
    return read, new, reader.left_out
