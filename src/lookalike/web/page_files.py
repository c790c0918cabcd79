"""The files of the page, read when the server starts."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope


class PageFiles(StaticFiles):
    """Serves the files of a folder as they are when it is made.

    A page asks for dozens of files. Starlette finds and reads each by other threads each time, which
    computes more than all else that is done for such a request.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._answers = {file.name: _answer(file) for file in folder.iterdir() if file.is_file()}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer to a request: for GET what was read, and for all else what Starlette says.

        Args:
            path: of a file, below the folder.
            scope: of the request.

        Raises:
            HTTPException: there is no such file, or the method is neither GET nor HEAD.
        """
        answer = self._answers.get(path)
        if answer is None or scope["method"] != "GET":
            return await super().get_response(path, scope)
        if self.is_not_modified(answer.headers, Headers(scope=scope)):
            return NotModifiedResponse(answer.headers)
        return answer


def _answer(file: Path) -> Response:
    """A file with the headers that Starlette gives it, but that none of its parts can be asked for."""
    headers = dict(FileResponse(file, stat_result=file.stat()).headers)
    del headers["accept-ranges"]
    return Response(file.read_bytes(), headers=headers)
