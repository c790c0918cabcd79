"""Who calls, by the token that came, and whether its role and its collections are those of the route."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from lookalike.web.allowance import Allowance
from lookalike.web.below import own_path
from lookalike.web.needs import Needs
from lookalike.web.options import ServerOptions
from lookalike.web.problems import Problem
from lookalike.web.roles import INCLUDES, LIST, is_open
from lookalike.web.tokens import Token, Tokens, digest_of

_UNNAMED = "-"  # the owner of the server's secret: the name of no token


class Callers:
    """Knows callers by their tokens; whoever has the secret of ``--token`` may do everything."""

    def __init__(self, options: ServerOptions, needs: Needs, collections: Sequence[str]) -> None:
        """Read the file of tokens, if there is to be one.

        Args:
            options: the server's secret, where tokens are, and how often each may be used.
            needs: says which role a request needs, and which collection it names.
            collections: names of all that the server has.
        """
        self._needs = needs
        self._only = collections[0] if len(collections) == 1 else None
        self._told = f"a token may send {options.per_minute:,} requests a minute"
        self._secret = (
            None if options.token is None else Token(_UNNAMED, "admin", digest_of(options.token), "", None)
        )
        self._tokens = None if options.tokens is None else Tokens(options.tokens)
        self._allowance = Allowance(options.per_minute) if options.per_minute else None

    def refusal(self, scope: Scope) -> Problem | None:
        """Why a request is refused; None if it may pass. Its scope then has the token, as ``caller``."""
        if not self._wants_token() or is_open(own_path(scope)):
            return None
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        caller = self._owner(given.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="lookalike"'}
            return Problem(401, "send the server's token as Authorization: Bearer TOKEN", headers=challenge)
        scope["caller"] = caller
        wait = self._allowance.wait(caller.name) if self._allowance else 0
        if wait:
            return Problem(429, f"ask again in {wait} s: {self._told}", headers={"Retry-After": str(wait)})
        role = self._needs.role(scope)
        if role is not None and role not in INCLUDES[caller.role]:
            return Problem(403, f"this takes a token of the role {role}, and yours has {caller.role}")
        if role is not None and not self._may_reach(scope, caller):
            return Problem(403, f"this token is for {', '.join(caller.collections or ())} and nothing else")
        return None

    def _may_reach(self, scope: Scope, caller: Token) -> bool:
        """Whether a token may ask about what a request is about.

        One that is limited to some collections may ask nothing that is of the server, such as its metrics,
        which tell of all; but for the list of collections, which then has those alone.
        """
        if caller.collections is None:
            return True
        named = self._needs.collection(scope) or self._only
        return named in caller.collections if named else own_path(scope) == LIST

    def _wants_token(self) -> bool:
        if self._tokens is not None:
            self._tokens.refresh()
        return self._secret is not None or (self._tokens is not None and self._tokens.wanted)

    def _owner(self, given: str) -> Token | None:
        """Whose token was given; None if it is nobody's."""
        found = None if self._tokens is None else self._tokens.owner(given)
        if self._secret is not None and hmac.compare_digest(digest_of(given), self._secret.digest):
            found = self._secret
        return found
