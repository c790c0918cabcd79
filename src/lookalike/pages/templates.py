"""Templates of pages, filled by Jinja2: whatever is put into one is shown as text, whoever wrote it.

Jinja2 escapes HTML; control characters, and bytes of file names that are no text, appear as escapes
(``shown``). Only ``Markup``, which templates, their macros and the filters here make, is taken as it is.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lookalike.pages.inlined import data_uri, inlined
from lookalike.paths import shown


def render(package: str, template: str, **values: Any) -> str:
    """Fill a template.

    Args:
        package: in whose folder the template lies; it may extend and import those of ``lookalike.pages``.
        template: name of the file.
        **values: what the template names.
    """
    return _environment(package).get_template(template).render(values)


def unbroken(value: str) -> Markup:
    """Text as HTML, never broken between a number and its per cent sign."""
    return Markup(str(escape(shown(value))).replace(" %", "&nbsp;%"))  # noqa: S704  escaped here


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader(__package__, "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_plain,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters |= {"inlined": inlined, "data_uri": data_uri, "unbroken": unbroken}
    return environment


def _plain(value: object) -> str:
    """Anything that a template puts out, as a line of text; Jinja2 escapes it next."""
    return value if isinstance(value, Markup) else shown(str(value))
