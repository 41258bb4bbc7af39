"""Whom the line trusts: the district's own certificate authority, pinned at enrolment, and nobody else (sync.md §3.9).

No public authority and none of the system's counts, so whoever owns one of those cannot come between. A line without TLS
is used on this machine only.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from models.enrolment_code import pin_of
from models.errors import Refused

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME = (62, 64)
"""OpenSSL's numbers (X509_V_ERR_…) for what a person can do something about."""


def is_encrypted(address: str) -> bool:
    """True for an https address. Refused("plain_line") for one that is neither encrypted nor on this machine,
    ("address_unusable") for what is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise Refused("address_unusable", address=address) from error
    if parts.scheme.lower() == "https":
        return True
    if parts.scheme.lower() == "http" and parts.hostname and parts.hostname not in LOOPBACK:
        raise Refused("plain_line", address=address)
    return False


def only(authority: str) -> ssl.SSLContext:
    """Trust in servers that this authority (PEM) vouches for, under the name they are asked by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority:
        context.load_verify_locations(cadata=authority)
    return context


def nobody_yet() -> ssl.SSLContext:
    """For the one question a new workstation asks before it knows anybody: which authority do you have? The answer is
    worth nothing until it fits the pin of a one-time code."""
    context = only("")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def fits_pin(authority: str, pin: str) -> bool:
    """True when this is the authority that the code speaks of."""
    try:
        return pin_of(ssl.PEM_cert_to_DER_cert(authority.strip())) == pin
    except ValueError:
        return False


def refusal(error: BaseException, address: str) -> Refused | None:
    """Why a certificate was not accepted, as a person needs to know it. None when it is no matter of one: the line broke off
    before any was shown, or whoever answered speaks no TLS."""
    number = next((e.verify_code for e in _causes(error) if isinstance(e, ssl.SSLCertVerificationError)), None)
    if number is None:
        return None
    if number == _EXPIRED:
        return Refused("certificate_expired", address=address)
    if number == _NOT_YET:
        return Refused("certificate_not_yet_valid", address=address)
    if number in _OTHER_NAME:
        return Refused("certificate_of_other_name", address=address)
    return Refused("certificate_refused", address=address)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it was made of: the libraries between wrap it in one another."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
