"""Client-side encryption of replies: a local key service, and what is done with its keys.

The vendor documents that `encryptionKey` is a base64 CipherTextBlob from which a key service gives
the key that decrypts `content`; its sample looks like AWS KMS's blob of an AES-256 data key. The
cipher's mode and layout are not documented: both here are assumed (row `encryption-layout`).
Everything random comes from a stream, so runs replay: never use this to keep anything secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Final, Literal

from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    from mockatell.rng import Stream

Mode = Literal["cbc", "gcm"]

DEFAULT_MASTER: Final = "mockatell"
"""The master key of a scenario that names none."""

_MAGIC: Final = b"\x01\x02\x03\x00mockatell"
_NONCE: Final = 12
_BLOCK: Final = 16


def require_cryptography() -> None:
    """Say early that an extra is missing.

    Raises:
        ConfigurationError: `cryptography` is not installed.
    """
    try:
        import cryptography  # noqa: F401 -- only when something is encrypted
    except ImportError as error:
        raise ConfigurationError(
            "encrypted replies need cryptography: pip install 'mockatell[crypto]'"
        ) from error


class LocalKeyService:
    """Stands in for the key service that Clickatell and the customer share.

    Args:
        master: What data keys are wrapped with; the same master unwraps in any process.
        mode: How replies are encrypted, AES-256 in CBC with PKCS#7 padding or in GCM.
    """

    def __init__(self, master: bytes | str = DEFAULT_MASTER, *, mode: Mode = "cbc") -> None:
        secret = master.encode() if isinstance(master, str) else master
        self._key = hashlib.sha256(b"mockatell data keys" + secret).digest()
        self.mode: Mode = mode

    def generate_data_key(self, stream: Stream) -> tuple[bytes, bytes]:
        """A new 32-byte key, plain, and wrapped as the blob that `encryptionKey` carries."""
        key, nonce = stream.take_bytes(32), stream.take_bytes(_NONCE)
        return key, _MAGIC + nonce + _gcm(self._key).encrypt(nonce, key, _MAGIC)

    def decrypt(self, blob: bytes | str) -> bytes:
        """The 32-byte key in a blob, or in a blob's base64 as `encryptionKey` has it.

        Raises:
            InputError: The blob is not one of this master's.
        """
        raw = _from_base64(blob) if isinstance(blob, str) else blob
        nonce, wrapped = raw[len(_MAGIC) : len(_MAGIC) + _NONCE], raw[len(_MAGIC) + _NONCE :]
        if not raw.startswith(_MAGIC):
            raise InputError("this encryptionKey was not made by mockatell's local key service")
        return _open_gcm(self._key, nonce, wrapped, _MAGIC)

    def seal(self, plain: bytes, stream: Stream) -> tuple[str, bytes]:
        """What a reply carries for this content: its `encryptionKey`, and the ciphertext."""
        key, blob = self.generate_data_key(stream)
        return base64.b64encode(blob).decode(), encrypt(key, plain, self.mode, stream)


def encrypt(key: bytes, plain: bytes, mode: Mode, stream: Stream) -> bytes:
    """Encrypt under AES-256.

    Returns:
        In CBC the 16-byte IV and the padded ciphertext; in GCM the 12-byte nonce, the ciphertext
        and the 16-byte tag.
    """
    if mode == "gcm":
        nonce = stream.take_bytes(_NONCE)
        return nonce + _gcm(key).encrypt(nonce, plain, None)
    vector = stream.take_bytes(_BLOCK)
    padding = _BLOCK - len(plain) % _BLOCK
    worker = _cbc(key, vector).encryptor()
    sealed: bytes = worker.update(plain + padding * bytes([padding])) + worker.finalize()
    return vector + sealed


def decrypt(key: bytes, sealed: bytes, mode: Mode) -> bytes:
    """What `encrypt` was given.

    Raises:
        InputError: The key or the mode is another, or the bytes were changed.
    """
    if mode == "gcm":
        return _open_gcm(key, sealed[:_NONCE], sealed[_NONCE:], None)
    vector, rest = sealed[:_BLOCK], sealed[_BLOCK:]
    if not rest or len(sealed) % _BLOCK:
        raise InputError("not AES-CBC content: its length is not a multiple of 16")
    worker = _cbc(key, vector).decryptor()
    padded: bytes = worker.update(rest) + worker.finalize()
    padding = padded[-1]
    if not 1 <= padding <= _BLOCK or padded[-padding:] != padding * bytes([padding]):
        raise InputError("content cannot be decrypted: another key or another mode")
    return padded[:-padding]


def encrypt_content(key: bytes, plain: bytes | str, mode: Mode, stream: Stream) -> str:
    """`encrypt`, from text or bytes to the base64 that a callback's `content` carries."""
    raw = plain.encode() if isinstance(plain, str) else plain
    return base64.b64encode(encrypt(key, raw, mode, stream)).decode()


def decrypt_content(key: bytes, content: str, mode: Mode) -> bytes:
    """What a callback's encrypted `content` (base64) says, in plain bytes.

    Raises:
        InputError: It is not base64, or the key or the mode is another.
    """
    return decrypt(key, _from_base64(content), mode)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"not base64: {error}") from error


def _gcm(key: bytes) -> AESGCM:
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _open_gcm(key: bytes, nonce: bytes, sealed: bytes, bound: bytes | None) -> bytes:
    gcm = _gcm(key)
    from cryptography.exceptions import InvalidTag

    try:
        return gcm.decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError) as error:
        raise InputError("content cannot be decrypted: another key, or it was changed") from error


def _cbc(key: bytes, vector: bytes) -> Cipher[CBC]:
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher(AES(key), CBC(vector))
