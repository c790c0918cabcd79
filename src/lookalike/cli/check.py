"""``lookalike check``: pictures compared with banks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike import Collection, Progress
from lookalike.banks import Banks, CheckAnswer, EntryMatch
from lookalike.banks.many import Checked, check_files, found_files
from lookalike.cli.codes import REJECTED, REPORTED
from lookalike.cli.options import CollectionFolder, Quiet
from lookalike.cli.output import counted, note, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.cli.standard_input import source_of
from lookalike.cli.words import often
from lookalike.errors import ImageError, NotFoundError
from lookalike.paths import shown
from lookalike.review import Review
from lookalike.settings import load_settings

_STDIN = Path("-")
_DECIDED = {"confirmed": "confirmed by review", "unsure": "review was unsure"}


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE…|-", help="Pictures, folders, or - for stdin.")],
    collection: CollectionFolder = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Queue what is reported for review, with a small copy of each picture."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per file on stdout.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Compare pictures with all enabled banks. Exit code 0: none is reported; 6: some are; 3: no picture.

    Exit code 1: none is reported, but a picture could not be read, or a part of it or of a bank was left out.
    """
    reported = rejected = done = cases = cleared = partly = dismissed = 0
    settings = load_settings({"collection": collection})
    bar = ProgressBar("Checking", visible=not (quiet or as_json))
    with Collection.open(settings=settings) as pictures, bar:
        banks = Banks(pictures).checking
        said = banks.remark(banks.enabled())
        if said and not as_json:
            note(f"{said[0].upper()}{said[1:]}.")
        for checked in _checked(files, pictures, bar, keep=keep):
            done += 1
            cases += len(checked.answer.cases) if checked.answer else 0
            reported += checked.answer is not None and checked.answer.reported
            rejected += checked.answer is None
            cleared += checked.answer is not None and _is_cleared(checked.answer)
            dismissed += _dismissed(checked)
            partly += checked.answer is not None and _is_partial(checked.answer)
            if as_json:
                _say_line(checked)
            elif not quiet:
                _say(checked, said)
    if not done:  # a folder that is empty by mistake must not pass
        raise NotFoundError(f"no picture at {', '.join(map(shown, files))}")
    if not as_json and not quiet:
        kept_from = f", {cleared:,} cleared by a negative bank" if cleared else ""
        unusable = f", {rejected:,} could not be used" if rejected else ""
        seen = f", {partly:,} only in part" if partly else ""
        say(f"{counted(done, 'file')} checked: {reported:,} reported{kept_from}{seen}{unusable}.")
        if dismissed:
            say(f"{counted(dismissed, 'match', 'matches')} passed over: people decided 'not a match'.")
        if cases:
            say(f"{counted(cases, 'match', 'matches')} to review: lookalike review list")
    if reported:
        raise typer.Exit(REPORTED)
    if rejected or partly:
        raise typer.Exit(REJECTED)


def _checked(files: list[str], pictures: Collection, bar: ProgressBar, *, keep: bool) -> Iterator[Checked]:
    banks, review = Banks(pictures), Review(pictures)
    found, rejected = found_files([file for file in files if file != "-"])
    yield from rejected
    if "-" in files:
        try:
            source = source_of("-", pictures.settings.max_file_bytes)
            yield Checked(_STDIN, banks.checking.check(source, review.keeping("-") if keep else None))
        except ImageError as error:
            yield Checked(_STDIN, None, str(error))
    bar(Progress(0, len(found)))
    keeping = (lambda path: review.keeping(str(path))) if keep else None
    for done, checked in enumerate(check_files(found, banks.checking, pictures, keeping), start=1):
        yield checked
        bar(Progress(done, len(found)))


def _is_cleared(answer: CheckAnswer) -> bool:
    """Whether nothing is reported because negative banks keep others from it."""
    return not answer.reported and any(result.cleared_by for result in answer.results)


def _dismissed(checked: Checked) -> int:
    """How many matches of a file are left out since people took them for none."""
    return sum(result.dismissed for result in checked.answer.results) if checked.answer else 0


def _is_partial(answer: CheckAnswer) -> bool:
    """Whether nothing is reported of a picture of which only a part was compared."""
    return not answer.reported and bool(answer.remark)


def _say_line(checked: Checked) -> None:
    nothing: dict[str, Any] = {"reported": None, "remark": "", "cases": [], "results": []}
    facts = nothing if checked.answer is None else checked.answer.facts()
    say_json("check/1", path=str(checked.path), reason=checked.reason or None, **facts)
    sys.stdout.flush()


def _say(checked: Checked, said: str) -> None:
    """Print what came of a file; ``said`` is a remark about all files, which was printed before."""
    if checked.answer is None:
        note(f"{shown(checked.path)}: {checked.reason}")
    elif checked.answer.reported:
        say(shown(checked.path))
        for line in _lines(checked.answer):
            say(f"  {line}")
        if checked.answer.remark not in ("", said):
            say(f"  {checked.answer.remark}")
    elif checked.answer.remark not in ("", said):
        note(f"{shown(checked.path)}: {checked.answer.remark}")


def _lines(answer: CheckAnswer) -> Iterator[str]:
    for result in answer.results:
        if not result.reported:
            continue
        first = result.matches[0]
        more = f", {len(result.matches) - 1} more" if len(result.matches) > 1 else ""
        decided = f" ({_DECIDED[first.decision]})" if first.decision else ""
        yield f"{result.bank}: {result.verdict}{decided}, {_of(first)}{more}"


def _of(match: EntryMatch) -> str:
    """What a picture matches, and how surely."""
    sure = (
        ""
        if match.verdict == "identical"
        else f"; {often(match.p)} pairs of different pictures look so alike"
    )
    if match.match is not None:
        evidence = match.match.evidence
        words = f" ({', '.join(evidence.words)})" if evidence is not None and evidence.words else ""
        return f"of {shown(match.match.path)}{words}{sure}"
    bits = "" if match.differing is None else f", {match.differing} of 256 bits differ"
    noted = f" ({match.note})" if match.note else ""  # without a picture, it alone says what the entry is
    return f"of {match.kind} {match.value[:16]}…{noted}{bits}{sure}"
