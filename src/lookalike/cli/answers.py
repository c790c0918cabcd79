"""How the answer to a search is shown: copies first, a rule, then what only looks alike."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.cli.output import say, table
from lookalike.cli.words import often
from lookalike.collection.answers import COPIES, Answer, Match
from lookalike.paths import shown

_HEAD = ("verdict", "rank", "similarity", "distance", "path")
_WIDEST_RULE = 79
NO_COPY = "No copy found."
_NOTHING = "Nothing found: no picture passes the filters."


def is_copy(match: Match) -> bool:
    """Whether a match shows the same picture as the query."""
    return match.verdict in COPIES


def say_answer(answer: Answer, *, copies_wanted: bool, filtered: bool = False) -> None:
    """Print an answer.

    Args:
        answer: of a collection or a server.
        copies_wanted: whether copies were asked for, so that it means something if there is none.
        filtered: whether a folder, tags, metadata or a distance may have left out every picture.
    """
    if not answer.matches and (filtered or not copies_wanted):
        say(_NOTHING)
        say_remark(answer)
        return
    copies = [match for match in answer.matches if is_copy(match)]
    if copies_wanted and not copies:
        say(NO_COPY)
    if answer.matches:
        rows = [_HEAD, *(row for match in answer.matches for row in _rows(match))]
        widest = max(len(row[0]) for row in rows)
        head, *lines = table([(row[0].ljust(widest), *row[1:]) for row in rows])
        first_other = sum(len(list(_rows(match))) for match in copies)
        say(head)
        for number, line in enumerate(lines):
            if copies and number == first_other:
                say("-" * min(max(map(len, lines)), _WIDEST_RULE))
            say(line)
    say_remark(answer)
    say(_rate(answer))


def say_remark(answer: Answer) -> None:
    """Print why only a part of the query was compared, if so."""
    if answer.remark:
        say(f"Only a part of the query was compared: {answer.remark}.")


def _rows(match: Match) -> Iterator[tuple[str, str, str, str, str]]:
    """A line for each place of the match, and one that says how the query differs if it is a copy."""
    numbers = str(match.rank), f"{match.similarity:.4f}", f"{match.distance:.4f}"
    for path in match.paths:
        uploaded = path == match.path and match.name not in ("", path.name)
        remark = f"  ({shown(match.name)})" if uploaded else ""
        gone = "  (gone)" if path in match.missing else ""
        yield match.verdict, *numbers, f"{shown(path)}{remark}{gone}"
    evidence = match.evidence
    if evidence is None or not evidence.words:
        return
    if (match.verdict == "copy" and evidence.verified) or evidence.differs_in_detail:
        yield "", "", "", "", f"  query: {', '.join(evidence.words)}"


def _rate(answer: Answer) -> str:
    """What the rate of false copies per pair means for a search of this collection."""
    many, rate = round(answer.expected_false), f"(--fpr {answer.fpr:g})"
    if many > 1:
        return f"A search calls about {many:,} different pictures copies {rate}."
    if answer.expected_false > 0.5:
        return f"A search calls about one different picture a copy {rate}."
    share = often(answer.expected_false, "search")
    return f"{share[0].upper()}{share[1:]} calls a different picture a copy {rate}."
