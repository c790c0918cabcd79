"""Every route of a router of a cluster has a role too."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts

from lookalike.cluster.app import OF_BANKS, OWN
from lookalike.web.app import OTHERS, routed
from lookalike.web.roles import LEAST, OF_ONE, is_open


def test_every_route_has_a_role() -> None:
    every = iter_route_contexts(routed("", (*OWN, *OF_BANKS), OTHERS).routes)
    contexts = [one for one in every if one.methods and not one.path.startswith(OF_ONE)]
    found = {f"{method} {one.path}" for one in contexts for method in one.methods if not is_open(one.path)}
    assert len(found) >= 40
    assert found <= LEAST.keys()
