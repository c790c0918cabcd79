from __future__ import annotations

import json

from lookalike import errors
from lookalike.errors import Busy
from lookalike.web.problems import problem_of


def test_every_error_of_the_package_has_a_status() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ImageError | errors.LookalikeError)
    ]
    for kind in kinds:
        problem = problem_of(kind("what was wrong"))
        members = json.loads(bytes(problem.body))
        assert members["detail"] == "what was wrong"
        assert members["status"] == problem.status_code
        assert 400 <= problem.status_code < 600
        assert members["type"] == f"urn:lookalike:problem:{kind.kind}"
    assert problem_of(Busy("x")).status_code == 503
    assert problem_of(errors.FetchError("x")).status_code == 422  # that of ImageError, which it hangs from
