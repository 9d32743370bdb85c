import base64
import builtins
import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell.encryption import (
    LocalKeyService,
    decrypt_content,
    encrypt_content,
    require_cryptography,
)
from mockatell.clickatell.platform import Platform
from mockatell.errors import ConfigurationError, InputError
from mockatell.rng import Purpose, Stream

AT = 1_506_607_698_860
MODES = ["cbc", "gcm"]


@pytest.mark.parametrize("mode", MODES)
@settings(deadline=None, max_examples=60)
@given(plain=st.binary(max_size=100) | st.text(max_size=40), seed=st.integers(0, 2**53))
def test_what_is_encrypted_can_be_decrypted(mode, plain, seed):
    stream = Stream(seed, Purpose.ENCRYPTION)
    key, blob = LocalKeyService("m").generate_data_key(stream)
    content = encrypt_content(key, plain, mode, stream)
    assert LocalKeyService("m").decrypt(blob) == key
    assert len(key) == 32
    raw = plain.encode() if isinstance(plain, str) else plain
    assert decrypt_content(key, content, mode) == raw


def test_the_layouts(stream):
    key, _ = LocalKeyService().generate_data_key(stream)
    cbc = base64.b64decode(encrypt_content(key, b"x" * 16, "cbc", stream))
    gcm = base64.b64decode(encrypt_content(key, b"x" * 16, "gcm", stream))
    assert len(cbc) == 16 + 32  # IV, content and a whole block of padding
    assert len(gcm) == 12 + 16 + 16  # nonce, content, tag


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["moText", "moSuggestedResponse"])
def test_a_reply_is_read_with_the_key_that_it_carries(stream, event_of, kind, mode):
    """What a customer does: ask the key service, then decrypt the content."""
    platform = Platform(
        integration_id="i", integration_name="n", encryption=LocalKeyService("m", mode=mode)
    )
    conversation = platform.conversation(stream, "whatsapp")
    fields = {"encrypted": True, "content": "نعم 👍"}
    event = event_of(platform.reply(kind, conversation, AT, stream, fields))
    assert list(event).index("encryptionKey") == list(event).index("timestamp") + 1
    key = LocalKeyService("m").decrypt(base64.b64decode(event["encryptionKey"]))
    assert LocalKeyService("m").decrypt(event["encryptionKey"]) == key
    assert decrypt_content(key, event["content"], mode).decode() == "نعم 👍"


def test_encrypted_media_carry_the_hash_of_what_they_carry(platform, stream, event_of):
    conversation = platform.conversation(stream, "whatsapp")
    fields = {"encrypted": True, "by": "inline", "content_type": "image/png", "size": 2_000}
    event = event_of(platform.reply("moMedia", conversation, AT, stream, fields))
    carried = base64.b64decode(event["content"])
    assert hashlib.sha256(carried).hexdigest() == event["sha256Hash"]
    key = LocalKeyService().decrypt(event["encryptionKey"])
    plain = decrypt_content(key, event["content"], "cbc")
    assert plain.startswith(b"\x89PNG")
    assert len(plain) == 2_000


def test_only_what_says_so_is_encrypted(platform, stream, event_of):
    conversation = platform.conversation(stream, "whatsapp")
    for fields in ({}, {"encrypted": False}, {"encrypted": None}):
        event = event_of(platform.reply("moText", conversation, AT, stream, fields))
        assert "encryptionKey" not in event


def test_another_process_decrypts_with_the_master_alone(stream):
    key, blob = LocalKeyService(b"\x00shared").generate_data_key(stream)
    program = (
        "import sys; from mockatell.clickatell.encryption import LocalKeyService\n"
        "print(LocalKeyService(b'\\x00shared').decrypt(sys.stdin.read()).hex())"
    )
    blob64 = base64.b64encode(blob).decode()
    done = subprocess.run(
        [sys.executable, "-c", program], input=blob64, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == key.hex()


def test_every_key_is_another(stream):
    service = LocalKeyService()
    drawn = [service.generate_data_key(stream) for _ in range(50)]
    assert len({key for key, _ in drawn}) == len({blob for _, blob in drawn}) == 50


def flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def test_blobs_that_are_not_ours(stream):
    _, blob = LocalKeyService("one").generate_data_key(stream)
    with pytest.raises(InputError, match="another key"):
        LocalKeyService("two").decrypt(blob)
    with pytest.raises(InputError, match="another key, or it was changed"):
        LocalKeyService("one").decrypt(flipped(blob))
    with pytest.raises(InputError, match="another key"):
        LocalKeyService("one").decrypt(blob[:20])
    with pytest.raises(InputError, match="not made by mockatell"):
        LocalKeyService("one").decrypt(b"AWS" + blob)
    with pytest.raises(InputError, match="not base64"):
        LocalKeyService("one").decrypt("*not base64*")


def test_content_that_cannot_be_read(stream):
    key, _ = LocalKeyService().generate_data_key(stream)
    gcm = base64.b64encode(flipped(base64.b64decode(encrypt_content(key, "a", "gcm", stream))))
    with pytest.raises(InputError, match="changed"):
        decrypt_content(key, gcm.decode(), "gcm")
    with pytest.raises(InputError, match="multiple of 16"):
        decrypt_content(key, base64.b64encode(b"x" * 17).decode(), "cbc")
    with pytest.raises(InputError, match="multiple of 16"):
        decrypt_content(key, base64.b64encode(b"x" * 16).decode(), "cbc")
    with pytest.raises(InputError, match="another key or another mode"):
        decrypt_content(bytes(32), encrypt_content(key, "a" * 40, "cbc", stream), "cbc")
    with pytest.raises(InputError, match="not base64"):
        decrypt_content(key, "é", "cbc")


def test_without_a_key_service(stream):
    platform = Platform(integration_id="i", integration_name="n")
    conversation = platform.conversation(stream, "sms")
    with pytest.raises(ConfigurationError, match="needs a key service"):
        platform.reply("moText", conversation, AT, stream, {"encrypted": True})


def test_without_cryptography(monkeypatch, platform, stream):
    real = builtins.__import__

    def no_cryptography(name, *args, **kwargs):
        if name.partition(".")[0] == "cryptography":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_cryptography)
    remedy = r"pip install 'mockatell\[crypto\]'"
    with pytest.raises(ConfigurationError, match=remedy):
        require_cryptography()
    conversation = platform.conversation(stream, "sms")
    with pytest.raises(ConfigurationError, match=remedy):
        platform.reply("moText", conversation, AT, stream, {"encrypted": True})
    assert json.loads(platform.reply("moText", conversation, AT, stream).body)
