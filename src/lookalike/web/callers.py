"""Who calls, by the token that came, and whether the token's role is one that the route takes."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.types import Scope

from lookalike.web.allowance import Allowance
from lookalike.web.below import own_path
from lookalike.web.needs import Needs
from lookalike.web.options import ServerOptions
from lookalike.web.problems import Problem
from lookalike.web.roles import INCLUDES, is_open
from lookalike.web.tokens import Token, Tokens, digest_of

_UNNAMED = "-"  # the owner of the server's secret: the name of no token


class Callers:
    """Knows callers by their tokens; whoever has the secret of ``--token`` may do everything."""

    def __init__(self, options: ServerOptions, needs: Needs) -> None:
        """Read the file of tokens, if there is to be one.

        Args:
            options: the server's secret, where tokens are, and how often each may be used.
            needs: says which role a request needs.
        """
        self._needs = needs
        self._told = f"a token may send {options.per_minute:,} requests a minute"
        self._secret = (
            None if options.token is None else Token(_UNNAMED, "admin", digest_of(options.token), "")
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
        return None

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
