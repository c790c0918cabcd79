"""Which clients read the certificate authorities, and what those trust that do not."""

from __future__ import annotations

import ssl

import certifi
import pytest

from lookalike import AsyncClient, Client
from lookalike.client.operations import Operations


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_only_an_encrypted_address_needs_authorities(
    kind: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: "/nowhere/authorities.pem")
    kind("http://127.0.0.1:1")
    with pytest.raises(FileNotFoundError):
        kind("https://127.0.0.1:1")


def test_without_authorities_nobody_is_trusted() -> None:
    trusted = Operations("http://127.0.0.1:1").connection["verify"]
    assert isinstance(trusted, ssl.SSLContext)
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trusted.get_ca_certs() == []
