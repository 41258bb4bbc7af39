"""SQLCipher's pages without SQLCipher, for a file it refuses as a whole because one page is damaged.

Format 4 (zetetic.net/sqlcipher/design): AES-256-CBC, in each page's last 80 bytes its IV and an HMAC-SHA-512 over what
is encrypted, the IV and the page's number; the first page begins with the salt instead of SQLite's own sixteen bytes.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from models.store.store_key import SALT_BYTES, StoreKey

RESERVED_BYTES = 80
"""At the end of each page: 16 of IV, 64 of HMAC."""

MAGIC = b"SQLite format 3\x00"
_IV_BYTES, _TAG_BYTES = 16, 64
_TAG_SALT_MASK, _TAG_KEY_ROUNDS = 0x3A, 2


class PageCipher:
    """Reads the pages of one key."""

    def __init__(self, key: StoreKey) -> None:
        self._key = key.raw
        salt = bytes(byte ^ _TAG_SALT_MASK for byte in key.salt)
        self._tag_key = hashlib.pbkdf2_hmac("sha512", key.raw, salt, _TAG_KEY_ROUNDS, len(key.raw))

    def is_whole(self, number: int, page: bytes) -> bool:
        """True when the page was written with this key, as this page, and not a bit of it has changed."""
        body = page[self._start(number) : -_TAG_BYTES]
        tag = hmac.digest(self._tag_key, body + number.to_bytes(4, "little"), "sha512")
        return len(page) > RESERVED_BYTES and hmac.compare_digest(tag, page[-_TAG_BYTES:])

    def plain(self, number: int, page: bytes) -> bytes:
        """The page as SQLite knows it, as long as before. A damaged one too: a wrong bit spoils two blocks of sixteen
        bytes, and the rest of the page may be all that is left of an act."""
        start = self._start(number)
        blocks = page[start:-RESERVED_BYTES]
        if len(page) <= RESERVED_BYTES or len(blocks) % _IV_BYTES:
            return page
        iv = page[-RESERVED_BYTES : -RESERVED_BYTES + _IV_BYTES]
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        return MAGIC[:start] + decryptor.update(blocks) + page[-RESERVED_BYTES:]

    @staticmethod
    def _start(number: int) -> int:
        return SALT_BYTES if number == 1 else 0
