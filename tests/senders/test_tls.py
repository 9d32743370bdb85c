"""Whom a lane trusts, what it shows, and how it fails."""

import asyncio
import datetime as dt
import socket
import ssl
import threading
import time

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from mockatell.errors import ConfigurationError
from mockatell.model import Tls, Trouble
from mockatell.shell.senders.lane import LaneTransport

NAMES = ("ca", "cert", "key", "both", "junk", "locked", "absent")
YESTERDAY = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    """Paths of PEM files: `ca`, `cert` with `key` (a client's) and bad ones."""
    place = tmp_path_factory.mktemp("tls")
    client = authority.issue_cert("client@test.invalid")
    authority.cert_pem.write_to_path(place / "ca")
    client.cert_chain_pems[0].write_to_path(place / "cert")
    client.private_key_pem.write_to_path(place / "key")
    client.private_key_and_cert_chain_pem.write_to_path(place / "both")
    (place / "junk").write_text("not a certificate")
    (place / "locked").write_bytes(_locked(client.private_key_pem.bytes()))
    return {name: str(place / name) for name in NAMES}


def _locked(pem):
    key = serialization.load_pem_private_key(pem, None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )


def context(certificate, *, ask_for=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    if ask_for is not None:
        ask_for.configure_trust(made)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


@pytest.fixture
def ask(run, serve, sending, exchange, always):
    """The answer over TLS from a server with this context."""

    def start(tls, trust, host="127.0.0.1"):
        async def main():
            async with serve(always(), tls=tls) as server:
                url = f"https://{host}:{server.port}/"
                async with sending(url, tls=trust) as sender:
                    return await sender.send(exchange())

        return run(main())

    return start


def test_a_certificate_of_a_trusted_authority(
    run, serve, sending, exchange, always, authority, files
):
    async def main():
        tls = context(authority.issue_cert("127.0.0.1", "localhost"))
        async with (
            serve(always(), tls=tls) as server,
            sending(server.url, tls=Tls(ca=files["ca"])) as sender,
        ):
            answers = [await sender.send(exchange()) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 200]
            assert server.connections == 1

    run(main())


def test_a_server_name(ask, authority, files):
    tls = context(authority.issue_cert("localhost"))
    assert ask(tls, Tls(ca=files["ca"]), "localhost").status_code == 200


@pytest.mark.parametrize(
    ("certified", "settings", "trust", "detail"),
    [
        (["127.0.0.1"], {}, {}, "unable to get local issuer certificate"),
        (
            ["elsewhere.invalid"],
            {},
            {"ca": "ca"},
            "IP address mismatch, certificate is not valid for '127.0.0.1'.",
        ),
        (["127.0.0.1"], {"not_after": YESTERDAY}, {"ca": "ca"}, "certificate has expired"),
    ],
    ids=["unknown authority", "wrong host", "expired"],
)
def test_a_certificate_that_is_not_trusted(
    ask, authority, files, certified, settings, trust, detail
):
    tls = context(authority.issue_cert(*certified, **settings))
    answer = ask(tls, Tls(**{name: files[path] for name, path in trust.items()}))
    assert (answer.trouble, answer.detail) == (Trouble.TLS, detail)


def test_insecure_trusts_anyone(ask):
    tls = context(trustme.CA().issue_cert("elsewhere.invalid", not_after=YESTERDAY))
    assert ask(tls, Tls(insecure=True)).status_code == 200


@pytest.mark.parametrize("shown", [{"cert": "cert", "key": "key"}, {"cert": "both"}])
def test_a_client_certificate_is_shown(ask, authority, files, shown):
    tls = context(authority.issue_cert("127.0.0.1"), ask_for=authority)
    trust = Tls(ca=files["ca"], **{name: files[path] for name, path in shown.items()})
    assert ask(tls, trust).status_code == 200


def test_a_client_certificate_that_is_missed(run, sending, exchange, authority, files):
    """A server on a thread: asyncio's own would hang up without the alert that tells why.

    It reads what the client says before it hangs up: a reset may overtake the alert.
    """
    tls = context(authority.issue_cert("127.0.0.1"), ask_for=authority)

    def serve(listener):
        connection, _ = listener.accept()
        with connection:
            with pytest.raises(ssl.SSLError):
                tls.wrap_socket(connection.dup(), server_side=True)
            while connection.recv(65_536):
                pass

    async def main(port):
        async with sending(f"https://127.0.0.1:{port}/", tls=Tls(ca=files["ca"])) as sender:
            return await sender.send(exchange())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        answer = run(main(listener.getsockname()[1]))
        thread.join()
    assert (answer.trouble, answer.detail) == (Trouble.TLS, "tlsv13 alert certificate required")


def test_a_handshake_that_is_refused_or_hangs(run, serve, sending, exchange):
    async def hang_up(talk):
        await talk.reader.readexactly(1)

    async def plain_words(talk):
        await talk.reader.readexactly(1)
        await talk.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def silence(talk):
        await talk.reader.read()

    async def main(script):
        async with serve(script) as server:
            url = f"https://127.0.0.1:{server.port}/"
            async with sending(url, connect_timeout=0.1) as sender:
                return await sender.send(exchange())

    closed = run(main(hang_up))
    assert closed.trouble is Trouble.TLS
    assert closed.detail == "the connection was closed during the handshake"
    assert run(main(plain_words)).trouble is Trouble.TLS
    assert run(main(silence)).trouble is Trouble.CONNECT


def test_a_cancelled_handshake_leaves_nothing(run, serve, sending, exchange):
    async def silence(talk):
        talk.server.begun.set()
        await talk.reader.read()

    async def main():
        async with serve(silence) as server:
            server.begun = asyncio.Event()
            async with sending(f"https://127.0.0.1:{server.port}/") as sender:
                task = asyncio.create_task(sender.send(exchange()))
                await server.begun.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    run(main())


def test_a_race_over_tls(run, serve, sending, exchange, always, authority, files):
    async def main():
        tls = context(authority.issue_cert("127.0.0.1"))
        async with (
            serve(always(), tls=tls) as server,
            sending(server.url, tls=Tls(ca=files["ca"]), timeout=2.0) as sender,
        ):
            for body in (b"{}", b"x" * 1_000_000):
                finishes = await sender.race([exchange(body) for _ in range(4)])
                assert {answer.status_code for _, answer in finishes} == {200}
                assert max(offset for offset, _ in finishes) < 0.05

    run(main())


@pytest.mark.parametrize(
    ("trust", "match"),
    [
        ({"ca": "absent"}, "CA certificates in .*absent: No such file"),
        ({"ca": "junk"}, "CA certificates in .*junk: not PEM"),
        ({"cert": "absent"}, "client certificate in .*absent: No such file"),
        ({"cert": "junk", "key": "key"}, "client certificate in .*junk with key .*key: not PEM"),
        ({"cert": "cert"}, "client certificate in .*cert: not PEM"),
        ({"cert": "cert", "key": "locked"}, "with key .*locked: not PEM, or encrypted"),
    ],
)
def test_a_bad_file_is_our_input_s_fault(files, trust, match):
    with pytest.raises(ConfigurationError, match=match):
        LaneTransport(
            time.monotonic, tls=Tls(**{name: files[path] for name, path in trust.items()})
        )
