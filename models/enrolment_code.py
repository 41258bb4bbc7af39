"""The one-time code that lets a workstation in: made at the district, read out on the telephone, typed once (sync.md §3.4).

It has two parts and a check. The secret proves that the district meant this workstation. The pin is the beginning of the
fingerprint of the district's certificate authority: the console compares it before it says the secret to anybody, so
that nobody in between can pass for the district (docs/decisions/0006). Letters are Crockford's: no I, L, O or U, and what
is misheard or mistyped in one place, or swapped with its neighbour, is noticed here and costs no try.
"""

from __future__ import annotations

import hashlib

import msgspec

from models.errors import Refused
from models.ids import RandomBytes

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_LETTERS = 10
PIN_LETTERS = 16
"""80 bits: whoever wants another authority with the same pin must try so many that it is not done."""

_CHECK_LETTERS = 2
_CHECK_PRIME = 1021
_GROUP = 4
_READ_AS = str.maketrans("OIL", "011")


class EnrolmentCode(msgspec.Struct, frozen=True):
    """A code: its secret, and the pin of the district's certificate authority ("" for a line that never leaves this
    machine)."""

    secret: str
    pin: str = ""

    def shown(self) -> str:
        """As a person reads it out: groups of four."""
        letters = self.secret + self.pin
        letters += _check(letters)
        return "-".join(letters[n : n + _GROUP] for n in range(0, len(letters), _GROUP))


def new_code(random_bytes: RandomBytes, pin: str = "") -> EnrolmentCode:
    """A code nobody can guess: 50 random bits, good for minutes and a few tries."""
    return EnrolmentCode("".join(ALPHABET[b & 31] for b in random_bytes(SECRET_LETTERS)), pin)


def read_code(typed: str) -> EnrolmentCode:
    """The code a person typed. Refused("code_incomplete") or ("code_mistyped")."""
    letters = "".join(c for c in typed.upper() if not c.isspace() and c not in "-–—_.").translate(_READ_AS)
    if len(letters) not in (SECRET_LETTERS + _CHECK_LETTERS, SECRET_LETTERS + PIN_LETTERS + _CHECK_LETTERS):
        raise Refused("code_incomplete", count=len(letters))
    body, check = letters[:-_CHECK_LETTERS], letters[-_CHECK_LETTERS:]
    if any(c not in ALPHABET for c in letters) or check != _check(body):
        raise Refused("code_mistyped")
    return EnrolmentCode(body[:SECRET_LETTERS], body[SECRET_LETTERS:])


def secret_hash(secret: str) -> str:
    """What the district keeps of a code."""
    return hashlib.sha256(f"enrolment|{secret}".encode()).hexdigest()


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate's DER bytes in capital hexadecimal, as other programs print it too."""
    return hashlib.sha256(certificate).hexdigest().upper()


def pin_of(certificate: bytes) -> str:
    """The beginning of the fingerprint, in the code's letters."""
    value = int(fingerprint(certificate), 16) >> (256 - 5 * PIN_LETTERS)
    return _letters(value, PIN_LETTERS)


def _letters(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 5 * n & 31] for n in reversed(range(count)))


def _check(letters: str) -> str:
    value = 0
    for letter in letters:
        value = value << 5 | ALPHABET.index(letter)
    return _letters(value % _CHECK_PRIME, _CHECK_LETTERS)
