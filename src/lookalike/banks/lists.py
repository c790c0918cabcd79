"""Lists of hashes as files: CSV, JSON lines, and lines of ``KIND HEX``, as other programs write them.

CSV and JSON lines have the columns of ``threatexchange dataset --csv``: ``signal_type``, ``signal_str``,
``collab``, ``category`` and ``tags``, and of our own ``note`` and ``model``. In a list that is read they may
be called ``type`` or ``kind``, ``indicator``, ``hash`` or ``value``, and ``description``; others are ignored.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Literal, get_args

from lookalike.banks.hashes import OTHER_SIGNALS, SIGNALS, entry_of, kind_of, value_of
from lookalike.errors import UsageError
from lookalike.store import Bank, BankEntry, NewEntry

Form = Literal["csv", "jsonl", "lines"]
FORMS: tuple[Form, ...] = get_args(Form)

COLUMNS = ("signal_type", "signal_str", "collab", "category", "tags", "note", "model")
_ALIASES = {
    **dict.fromkeys(("type", "kind"), "signal_type"),
    **dict.fromkeys(("indicator", "hash", "value"), "signal_str"),
    "description": "note",
}
_CATEGORIES = {False: "POSITIVE_CLASS", True: "NEGATIVE_CLASS"}
_SEED = "INVESTIGATION_SEED"  # category, and here a tag, of what nobody has verified
_LONGEST_LINE = 65_536

Row = Mapping[str, Any]


def form_of(name: str) -> Form:
    """The form that a file's name tells: by its suffix, ``lines`` unless that is .csv, .jsonl or .ndjson."""
    suffix = name.lower().rpartition(".")[2]
    return "csv" if suffix == "csv" else "jsonl" if suffix in ("jsonl", "ndjson") else "lines"


class ListReader:
    """Reads a list for a bank, entry by entry, in memory of one line.

    Attributes:
        left_out: entries passed over so far: signals of threatexchange that banks do not take, such as texts,
            and those that the list puts into another category than the bank's, as harmless in a list for a
            bank that reports, or as anything else for a negative one.
    """

    def __init__(
        self, file: BinaryIO, form: Form, *, negative: bool, model: str, keyed: Container[str] = ()
    ) -> None:
        """Read nothing yet.

        Args:
            file: of text in UTF-8.
            form: of the file.
            negative: whether the bank is.
            model: of hashes of kind ``lookalike`` for which the list names none: fingerprint of the embedder,
                and the name of a key after a plus if they have one.
            keyed: models with keys that are at hand.
        """
        self._file, self._form, self._model, self._keyed = file, form, model, keyed
        self._categories = {"", _CATEGORIES[negative]} | (set() if negative else {_SEED})
        self.left_out = 0

    def __iter__(self) -> Iterator[NewEntry]:
        """The entries, in the order of the list.

        Raises:
            UsageError: a line makes no sense; the message gives its number.
        """
        number = 0
        row_of: Callable[[str], Row] | None = None
        try:
            for number, line in enumerate(_lines(self._file), start=1):  # noqa: B007  used where it fails
                if not line.strip():
                    continue
                if row_of is None:
                    row_of = self._rows(line)
                    if self._form == "csv":
                        continue
                row = row_of(line)
                if _is_other(row) or _text(row, "category") not in self._categories:
                    self.left_out += 1
                    continue
                yield self._entry(row)
        except UsageError as error:
            raise UsageError(f"line {number + isinstance(error, _Unread):,}: {error}") from None

    def _rows(self, head: str) -> Callable[[str], Row]:
        """What turns a line into a row; the head of a CSV tells the columns."""
        if self._form == "jsonl":
            return _row_of_json
        if self._form == "lines":
            return _row_of_words
        given = [name.strip().lower() for name in _cells(head)]
        names = [name if _ALIASES.get(name) in given else _ALIASES.get(name, name) for name in given]
        for column in ("signal_type", "signal_str"):
            if column not in names:
                raise UsageError(f"the head of the list has no column {column}; it has {given}"[:300])

        def row_of(line: str) -> Row:
            cells = _cells(line)
            if len(cells) != len(names):
                raise UsageError(f"{len(cells)} columns, where the head has {len(names)}")
            return dict(zip(names, cells, strict=True))

        return row_of

    def _entry(self, row: Row) -> NewEntry:
        kind = kind_of(_text(row, "signal_type"))
        value = value_of(kind, _text(row, "signal_str"))
        tags = row.get("tags") or ()
        if isinstance(tags, str):
            tags = tuple(tags.split())
        elif not isinstance(tags, list | tuple) or not all(isinstance(tag, str) for tag in tags):
            raise UsageError("tags must be a list of texts")
        if _text(row, "category") == _SEED:
            tags = (*tags, _SEED)
        model = _text(row, "model") or self._model
        if "+" in model and model not in self._keyed:
            raise UsageError("it was hashed with a key by this or another network; give the key: --key FILE")
        return entry_of(kind, value, model=model, note=_text(row, "note"), tags=tuple(tags))


def written(entries: Iterable[BankEntry], bank: Bank, form: Form) -> Iterator[str]:
    """A bank's entries as the lines of a list, each with its line end.

    As ``lines``, kinds have the names of threatexchange's signals, a picture is written as its SHA-256, and
    hashes of our own, which no other program reads, are left out.
    """
    if form == "csv":
        yield _csv(COLUMNS)
    for one in entries:
        entry = one.entry
        if form == "lines":
            if entry.kind in SIGNALS:
                yield f"{SIGNALS[entry.kind]} {entry.value.hex()}\n"
            continue
        unverified = _SEED in entry.tags and not bank.negative
        category = _SEED if unverified else _CATEGORIES[bank.negative]
        row = [entry.kind, entry.value.hex(), bank.name, category]
        if form == "csv":
            yield _csv([*row, " ".join(entry.tags), entry.note, entry.model])
        else:
            cells = [*row, list(entry.tags), entry.note, entry.model]
            yield json.dumps(dict(zip(COLUMNS, cells, strict=True))) + "\n"


class _Unread(UsageError):
    """The line after the last one that was read cannot be read."""


def _lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a file as text, none longer than 65,536 bytes.

    Raises:
        _Unread: the next one is longer, or is no text.
    """
    mark = codecs.BOM_UTF8  # some programs begin a text with it
    while line := file.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise _Unread(f"longer than {_LONGEST_LINE:,} bytes")
        if b"\0" in line:
            raise _Unread("not text but bytes; a list that is packed must be unpacked first")
        try:
            yield line.removeprefix(mark).decode()
            mark = b""
        except UnicodeDecodeError:
            raise _Unread("not text in UTF-8; a list that is packed must be unpacked first") from None


def _cells(line: str) -> list[str]:
    try:
        rows = list(csv.reader([line], strict=True))
    except csv.Error as error:
        raise UsageError(f"no line of a CSV: {error}") from None
    return rows[0] if rows else []


def _row_of_json(line: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError("no JSON object") from None
    if not isinstance(row, dict):
        raise UsageError("no JSON object")
    return {**{_ALIASES[name]: value for name, value in row.items() if name in _ALIASES}, **row}


def _row_of_words(line: str) -> Row:
    words = line.split(maxsplit=2)
    row = dict(zip(("signal_type", "signal_str"), words, strict=False))
    if len(words) != 2 and not _is_other(row):
        raise UsageError(f"a line is KIND HEX, as pdq f8f8…, not {line.strip()[:80]!r}")
    return row


def _is_other(row: Row) -> bool:
    """Whether a row is of a type that threatexchange knows and no bank takes."""
    return _text(row, "signal_type").strip().lower() in OTHER_SIGNALS


def _text(row: Row, column: str) -> str:
    """The text of a column; empty if there is none."""
    value = row.get(column)
    if isinstance(value, str):
        return value
    if value is not None:
        raise UsageError(f"{column} must be a text, not {str(value)[:40]}")
    return ""


def _csv(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
