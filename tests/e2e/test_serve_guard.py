"""Who may call the server, and by which name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from lookalike import Client
from lookalike.errors import UsageError
from pictures import draw, write
from program import Program
from served import Served, serving

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    made = Program(tmp_path_factory.mktemp("guarded"))
    write(made.home / "pictures", 3)
    assert made.here("index", "pictures").code == 0
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    """With a token, and a name of its own."""
    with serving(
        program, "--allow-host", "Pictures.Example", environment={"LOOKALIKE_TOKEN": TOKEN}
    ) as running:
        running.client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield running


class TestNames:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8000", "pictures.example", "pictures.example:443"],
    )
    def test_known_names_are_answered(self, host: str, server: Served) -> None:
        assert server.client.get("/v1/stats", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost.evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "192.168.1.7",
            "pictures.example.",
            "localhost:80:80",
            "localhost:port",
            "[::1",
            "[::1]x",
            "user@localhost",
            "",
        ],
    )
    @pytest.mark.parametrize("path", ["/", "/v1/stats", "/static/main.js", "/livez"])
    def test_others_are_not(self, host: str, path: str, server: Served) -> None:
        """A page whose name was made to lead here (DNS rebinding) sends its own name."""
        answer = server.client.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "null",
            "",
            "http://localhost:1",
            "https://127.0.0.1.evil.example",
            "http://[::1",
            "http://[caf\xe9]:99999999/",
            "localhost",
        ],
    )
    def test_a_page_of_another_site_changes_nothing(self, origin: str, server: Served) -> None:
        sent = {"files": ("a.png", encoded(draw(9), "PNG"))}
        answer = server.client.post("/v1/images", files=sent, headers={"Origin": origin.encode("latin-1")})
        assert answer.status_code == 403
        assert answer.json()["detail"] == "another site's page may not change anything here"
        answer = server.client.delete("/v1/images/1", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert server.client.get("/v1/stats").json()["images"] == 3

    def test_each_origin_counts_and_so_does_its_scheme(self, server: Served) -> None:
        def answered(*origins: str, **more: str) -> tuple[int, str]:
            headers = [("Authorization", f"Bearer {TOKEN}"), *(("Origin", origin) for origin in origins)]
            headers += [(name.replace("_", "-"), value) for name, value in more.items()]
            answer = httpx.post(f"{server.url}/v1/search", data={"image_id": "1"}, headers=headers)
            return answer.status_code, answer.json().get("detail", "")

        own, encrypted = server.url, server.url.replace("http:", "https:")
        assert answered(own)[0] == answered(own.upper())[0] == answered(own, own)[0] == 200
        assert answered(own, "http://evil.example") == answered("http://evil.example", own)
        assert answered(own, "http://evil.example")[0] == 403
        code, detail = answered(encrypted)
        assert (code, "X-Forwarded-Proto: https" in detail) == (403, True)
        assert answered(encrypted, X_Forwarded_Proto="https")[0] == 200
        assert answered(own, X_Forwarded_Proto="https")[0] == 403
        assert answered(own.replace("http:", "ftp:"))[0] == 403

    def test_the_own_page_may(self, server: Served) -> None:
        own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
        answer = server.client.post("/v1/search", data={"image_id": "1"}, headers=own)
        assert answer.status_code == 200


class TestToken:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Bearer",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN}x",
            f"Basic {TOKEN}",
            TOKEN,
            "Bearer caf\xe9",
        ],
    )
    @pytest.mark.parametrize(
        "path", ["/v1/stats", "/metrics", "/v1/images/1", "/v1/images/1/file", "/v1/map", "/v1/nowhere"]
    )
    def test_nothing_without_it(self, header: str | None, path: str, server: Served) -> None:
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}
        answer = httpx.get(server.url + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["title"] == "Unauthorized"

    @pytest.mark.parametrize("path", ["/", "/static/main.js", "/livez", "/readyz", "/docs"])
    def test_the_page_that_asks_for_it_needs_none(self, path: str, server: Served) -> None:
        assert httpx.get(server.url + path).status_code == 200

    @pytest.mark.parametrize("path", ["/static/../v1/stats", "/static/..%2fv1/stats", "//v1/stats"])
    def test_no_way_round_it(self, path: str, server: Served) -> None:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        assert server.raw(request).split()[1] in (b"401", b"404")

    def test_the_client_sends_it(self, server: Served) -> None:
        picture = encoded(draw(0), "PNG")
        with Client(server.url, TOKEN) as client:
            assert client.search(picture, 1)[0].distance == pytest.approx(0, abs=1e-6)
        for token in (None, "wrong"):
            refused = pytest.raises(UsageError, match="answered 401: send the server's token")
            with Client(server.url, token) as client, refused:
                client.search(picture)

    def test_it_is_not_in_the_log(self, server: Served) -> None:
        assert server.client.get("/v1/stats").status_code == 200
        assert TOKEN not in server.log


class TestStart:
    def test_the_command_line_takes_it_from_a_file(self, program: Program, tmp_path: Path) -> None:
        file = tmp_path / "token"
        file.write_text(f"{TOKEN}\n")
        with serving(program, "--token", file) as server:
            query = program.home / "pictures" / "picture-0000.png"
            assert httpx.get(f"{server.url}/v1/stats").status_code == 401
            done = program.here("search", query, "--server", server.url, "--token", file, "--json")
            assert (done.code, done.json["matches"][0]["path"]) == (0, str(query))
            done = program.here("search", query, "--server", server.url)
            assert (done.code, "by --token FILE or LOOKALIKE_TOKEN" in done.err) == (2, True)
            named = {"LOOKALIKE_TOKEN": TOKEN}
            assert program.here("search", query, "--server", server.url, environment=named).code == 0

    def test_a_token_and_none_contradict_each_other(self, program: Program, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(TOKEN)
        done = program.here("serve", "--token", tmp_path / "token", "--no-token")
        assert (done.code, "are opposites; give one of them" in done.err) == (2, True)

    @pytest.mark.parametrize(
        ("content", "complaint"), [("", "one word"), ("two words", "one word"), ("é", "read")]
    )
    def test_a_file_without_a_token_is_refused(
        self, content: str, complaint: str, program: Program, tmp_path: Path
    ) -> None:
        (tmp_path / "token").write_text(content)
        done = program.here("serve", "--token", tmp_path / "token")
        assert done.code == 2
        assert complaint in done.err

    def test_strangers_are_let_in_only_by_token_or_word(self, program: Program) -> None:
        done = program.here("serve", "--host", "0.0.0.0", "--port", "0")
        assert done.code == 2
        assert "--token FILE or LOOKALIKE_TOKEN, or say --no-token" in done.err
        with serving(program, "--host", "0.0.0.0", "--no-token") as server:
            local = f"http://127.0.0.1:{server.port}/v1/stats"
            assert httpx.get(local).status_code == 200
            assert httpx.get(local, headers={"Host": "192.168.1.7:80"}).status_code == 200
            assert httpx.get(local, headers={"Host": "evil.example"}).status_code == 421
            assert server.log.count("Warning: whoever can reach 0.0.0.0 may") == 1
        with serving(program, "--no-token") as server:
            assert "Warning" not in server.log

    def test_what_cannot_be_served_is_said_at_once(self, program: Program, tmp_path: Path) -> None:
        done = program.here("serve", "--collection", tmp_path / "none")
        assert (done.code, "no collection at" in done.err) == (3, True)
        with serving(program) as server:
            done = program("serve", "--port", str(server.port))
            assert (done.code, "use another --port" in done.err) == (2, True)
        done = program("serve", "--host", "no-such-host.invalid", "--no-token", "--port", "0")
        assert (done.code, "cannot listen on" in done.err) == (2, True)
