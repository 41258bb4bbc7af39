"""Signing keys: who made an act, and what the centre certified (sync.md §3.3, §3.9; R78).

Ed25519. What is signed is "purpose|text", so that a signature given for one purpose is worth nothing for another. Keys
and signatures travel as unpadded URL-safe Base64. Signing is deterministic: an act that is sent again carries the same
signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models.ids import SYSTEM_RANDOM, RandomBytes
from models.wire import ED25519, UNSIGNED, Malformed, Sealed

ACT, ENROLMENT, RECEIPT, REPLACEMENT = "act", "enrolment", "receipt", "replacement"
HANDOVER = "handover"
TIME = "time"
EVIDENCE, READING = "evidence", "reading"
"""What is signed: an act's chain hash, a one-time code, a receipt's text; by a former key, the code its workstation comes in
with again; an instant of the centre's clock; the manifest of an evidence file, and what a workstation put beside it for reading."""

_KEY_BYTES = 32


class SigningKey:
    """A private key and what others may know of it."""

    def __init__(self, secret: str) -> None:
        """From `secret` as `self.secret` gives it; Malformed when it is none."""
        self.secret = secret
        self._private = Ed25519PrivateKey.from_private_bytes(_bytes_of(secret, _KEY_BYTES))
        self.public = _text(self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, purpose: str, text: str) -> str:
        """The signature for one purpose."""
        return _text(self._private.sign(_signed_bytes(purpose, text)))

    def signed(self, sealed: Sealed) -> Sealed:
        """The act with this device's signature over its chain hash."""
        return Sealed(sealed.body, sealed.hash, ED25519, self.sign(ACT, sealed.hash))


def new_key(random_bytes: RandomBytes = SYSTEM_RANDOM) -> SigningKey:
    """A key nobody has had before."""
    return SigningKey(_text(random_bytes(_KEY_BYTES)))


def is_public_key(text: str) -> bool:
    """True when the text is a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes_of(text, _KEY_BYTES))
    except (Malformed, ValueError):
        return False
    return True


def key_fingerprint(public: str) -> str:
    """What two persons compare to know a public key: SHA-256 of its 32 bytes, capital hexadecimal in groups of four."""
    letters = hashlib.sha256(_bytes_of(public, _KEY_BYTES)).hexdigest().upper()
    return " ".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def is_signature(public: str, signature: str, purpose: str, text: str) -> bool:
    """True when whoever holds the key behind `public` signed this text for this purpose."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes_of(public, _KEY_BYTES))
        key.verify(_bytes_of(signature, 64), _signed_bytes(purpose, text))
    except (Malformed, ValueError, InvalidSignature):
        return False
    return True


def is_signed(sealed: Sealed, public: str) -> bool:
    """True when the act carries the signature of that device. One without a key ("") signs nothing: "none"."""
    if not public:
        return sealed.alg == UNSIGNED and not sealed.sig
    return sealed.alg == ED25519 and is_signature(public, sealed.sig, ACT, sealed.hash)


def _signed_bytes(purpose: str, text: str) -> bytes:
    return f"{purpose}|{text}".encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes_of(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("key") from error
    if len(raw) != length or _text(raw) != text:  # one signature is to have one spelling
        raise Malformed("key")
    return raw
