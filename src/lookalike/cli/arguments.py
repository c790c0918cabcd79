"""What was typed after the program's name, looked at before any command sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lookalike.errors import UsageError

_OPTION_WITHOUT_VALUE = re.compile(r"(--[\w-]+)=")


def refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse an empty argument, which most often comes from a shell variable that was never set.

    No command has a use for one, and a command that takes a path would take it for the working folder:
    ``lookalike remove "$PICTURES"`` must not forget everything below it.

    Raises:
        UsageError: naming the option that it belongs to, or the command.
    """
    before = "lookalike"
    for argument in arguments:
        option = _OPTION_WITHOUT_VALUE.fullmatch(argument)
        if option or not argument:
            raise UsageError(
                f"an empty argument after {option[1] if option else before}; is a variable not set? "
                "(the working folder is called .)"
            )
        before = argument
