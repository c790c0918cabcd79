"""What lies in banks: ``lookalike bank add``, ``remove``, ``import`` and ``export``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from lookalike import Collection
from lookalike.banks import Added, Banks
from lookalike.banks.adding import LET_IN
from lookalike.banks.keyed import HashKey
from lookalike.banks.lists import FORMS, Form, form_of
from lookalike.cli.codes import REJECTED
from lookalike.cli.grouping import grouped
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, note, note_rejected, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.collection.keys import seed_of
from lookalike.disk import replacing
from lookalike.errors import StorageError, UsageError
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

_HAD_SHOWN = 5  # entries of which is told where the collection had them

Name = Annotated[str, typer.Argument(metavar="BANK", help="Name of the bank.")]
Hashes = Annotated[
    list[str] | None,
    typer.Option(
        "--hash", metavar="KIND:HEX", help="A hash and its kind: pdq, lookalike, sha256 or md5; repeatable."
    ),
]
FormName = Annotated[
    str | None,
    typer.Option("--as", metavar="FORM", help="Format: csv, jsonl or lines (default: by the file's name)."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="File with the secret by which the list's hashes are made."),
]


@dataclass(frozen=True)
class Words:
    """What is said of each entry."""

    note: Annotated[str, typer.Option("--note", help="One line about each entry.")] = ""
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="WORD", help="A tag for each entry; repeatable.")
    ] = None


@grouped
def add(
    *,
    name: Name,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="Pictures, and folders that hold them.")
    ] = None,
    hashes: Hashes = None,
    words: Words,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add pictures or hashes to a bank, and tell whether the collection had them before."""
    if not paths and not hashes:
        raise UsageError("name a picture, a folder, or a hash: --hash KIND:HEX")
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        banks = Banks(pictures)
        tags = words.tag or []
        added = banks.add_hashes(name, hashes, note=words.note, tags=tags) if hashes else []
        rejected, unwanted = [], 0
        if paths:
            with ProgressBar("Adding", visible=not (quiet or as_json)) as bar:
                some, report = banks.add(name, paths, note=words.note, tags=tags, on_progress=bar)
            added, rejected = added + some, report.rejected + report.rejected_before
            unwanted = report.unwanted
        _note_uncompared(banks, name)
    if as_json:
        refused = [{"path": str(item.path), "reason": item.reason} for item in rejected]
        facts = [one.facts() for one in added]
        new = sum(one.new for one in added)
        say_json("bank-add/1", bank=name, new=new, added=facts, rejected=refused, unwanted=unwanted)
    elif not quiet:
        _say_added(name, added)
    if unwanted and not as_json:
        note(f"{counted(unwanted, 'file')} left out, removed for good before; {LET_IN}.")
    if rejected and not as_json:
        note(f"{counted(len(rejected), 'file')} could not be used:")
        note_rejected(rejected)
    if rejected or unwanted:
        raise typer.Exit(REJECTED)


def remove(
    name: Name,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="Pictures, and folders that hold them.")
    ] = None,
    hashes: Hashes = None,
    entries: Annotated[
        list[int] | None,
        typer.Option(
            "--entry", metavar="NUMBER", min=1, help="An entry, by its number in bank list BANK; repeatable."
        ),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Delete the bank with all its entries.")] = False,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Remove pictures or hashes from a bank, or the bank itself; pictures stay in the collection."""
    if whole == bool(paths or hashes or entries):
        raise UsageError("name what to remove from the bank, or give --whole to delete the bank itself")
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        banks = Banks(pictures)
        if whole:
            count = banks.counts().get(banks.named(name).bank_id, Counter()).total()
            banks.delete(name)
        else:
            count = banks.remove(name, hashes or [], paths or [], entries or [])
    if as_json:
        say_json("bank-remove/1", bank=name, removed=count, whole=whole)
    else:
        removed = counted(count, "entry", "entries")
        say(f"Deleted bank {name!r} with {removed}." if whole else f"{removed} removed from {name!r}.")


def import_list(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A list of hashes, or - for stdin.")],
    form: FormName = None,
    key: KeyFile = None,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add the hashes of a list to a bank; if a line makes no sense, nothing is added."""
    with (
        Collection.open(settings=load_settings({"collection": collection})) as pictures,
        _opened(file) as opened,
    ):
        banks = Banks(pictures)
        read, new, left_out = banks.import_list(name, opened, _form(form, file), _key(key))
        _note_uncompared(banks, name)
    if as_json:
        say_json("bank-import/1", bank=name, read=read, new=new, left_out=left_out)
        return
    say(f"{counted(read, 'entry', 'entries')} read, {new:,} of them new in {name!r}.")
    if left_out:
        others = counted(left_out, "entry", "entries")
        say(f"{others} left out: of another category than the bank's, or no hashes of files.")


def export(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Where to write, or - for stdout.")] = "-",
    form: FormName = None,
    key: KeyFile = None,
    collection: CollectionFolder = None,
) -> None:
    """Write the entries of a bank as a list; with --key, its pictures as hashes made with that key."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        wanted, secret = _form(form, file) if form or file != "-" else "csv", _key(key)
        if secret is None:
            lines = Banks(pictures).export(name, wanted)
        else:
            lines, left_out = Banks(pictures).export_keyed(name, wanted, secret)
            if left_out:
                others = counted(left_out, "entry", "entries")
                note(f"{others} left out: only pictures in the collection can be hashed with a key.")
        if file == "-":
            for line in lines:
                say(line.removesuffix("\n"))
            return
        try:
            with replacing(absolute(file)) as written:
                written.writelines(line.encode() for line in lines)
        except OSError as error:
            raise StorageError(f"{shown(file)} cannot be written: {error.strerror}") from error


def _form(form: str | None, file: str) -> Form:
    if form is None:
        return form_of(file)
    for known in FORMS:
        if known == form:
            return known
    raise UsageError(f"--as is {', '.join(FORMS)}, not {form!r}")


def _key(file: Path | None) -> HashKey | None:
    return None if file is None else HashKey(seed_of(file))


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """A list that can be read twice: standard input is copied into a file that has no name."""
    if file == "-":
        with tempfile.TemporaryFile() as copied:
            shutil.copyfileobj(sys.stdin.buffer, copied)
            copied.seek(0)
            yield copied
        return
    path = absolute(file)
    if path.is_dir():
        raise UsageError(f"{shown(file)} is a folder, not a list; bank add takes folders of pictures")
    with path.open("rb") as opened:
        if not opened.seekable():
            raise UsageError(f"{shown(file)} is no file; give its text to standard input and - as FILE")
        yield opened


def _note_uncompared(banks: Banks, name: str) -> None:
    """Say which entries of a bank checks cannot use as a whole, and what would help."""
    if said := banks.checking.uncompared([banks.named(name)]):
        note(f"In bank {name!r}, {said}. Checks compare pictures with all else until then.")


def _say_added(name: str, added: Sequence[Added]) -> None:
    new = sum(one.new for one in added)
    there = f": {new:,} new, {len(added) - new:,} there already" if new < len(added) else ""
    say(f"{counted(len(added), 'entry', 'entries')} put into bank {name!r}{there}.")
    had = [one for one in added if one.had]
    for one in had[:_HAD_SHOWN]:
        what = f"{one.kind} {one.value[:16]}…" if one.path is None else shown(one.path)
        say(f"The collection had {what} before:")
        for match in one.had:
            for path in [other for other in match.paths if other != one.path] or match.paths:
                say(f"  {match.verdict:9}  {shown(path)}")
    if len(had) > _HAD_SHOWN:
        say(f"These are {_HAD_SHOWN} of {len(had):,} which it had, or had copies of; --json tells of all.")
    untold = sum(one.known is None for one in added)
    if untold:
        say(f"{counted(untold, 'hash', 'hashes')} cannot be looked back for: lookalike check PATH tells.")
