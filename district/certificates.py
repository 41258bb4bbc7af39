"""The district's own certificate authority, and the certificate its service shows (sync.md §3.9: TLS with a private CA).

Made once at `init`; workstations pin the authority when they are enrolled, so nothing a public authority does can touch
the line. Server certificates are made anew by `python -m district certificate` without asking any workstation. Beside the authority
lies the next one: workstations hear of it while the first is good, and follow when it takes over (services/sync/succession.py).
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from district.keys import PRIVATE, has_key, make_folder, refuse_open
from models.clock import DAY_MS
from models.errors import Refused
from models.files import write_whole

AUTHORITY_DAYS = 20 * 365
SERVER_DAYS = 825
_BACKDATED_DAYS = 2
"""A workstation whose clock is a day slow can still be enrolled: only its clock's anchor mends it."""

_AUTHORITY_KEY, _AUTHORITY, _SERVER_KEY, _SERVER = "authority.key", "authority.pem", "server.key", "server.pem"
_NEXT_KEY, _NEXT = "next-authority.key", "next-authority.pem"
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LONGEST_NAME = 253
ALWAYS = ("localhost", "127.0.0.1")


def make(folder: Path, names: Sequence[str], now_ms: int) -> None:
    """An authority and the next one, where there is none, and a new certificate for the service under these names (hosts or
    addresses)."""
    make_folder(folder)
    for key, certificate in ((_AUTHORITY_KEY, _AUTHORITY), (_NEXT_KEY, _NEXT)):
        if not (folder / certificate).exists():
            _make_authority(folder / key, folder / certificate, now_ms)
    issue(folder, names, now_ms)


def hand_on(folder: Path, names: Sequence[str], now_ms: int) -> None:
    """The next authority takes the place of the present one, whose key was lost or seen, and another next one is made. Broken off
    anywhere, it is done by doing it again. Refused("next_authority_missing") where its key, which may lie elsewhere, is not back in
    the folder."""
    key, certificate = folder / _NEXT_KEY, folder / _NEXT
    if not key.exists() or not certificate.exists():
        raise Refused("next_authority_missing", folder=str(folder))
    refuse_open(key)
    write_whole(folder / _AUTHORITY_KEY, key.read_bytes(), PRIVATE)
    write_whole(folder / _AUTHORITY, certificate.read_bytes())
    issue(folder, names, now_ms)
    certificate.unlink()
    key.unlink()
    _make_authority(key, certificate, now_ms)


def refuse_lost_authority(folder: Path) -> None:
    """Refused("authority_lost") when the folder has the district's keys but no whole authority: another one, made unseen, is a
    stranger to every workstation that pinned the first."""
    if not (folder / _AUTHORITY).exists() and ((folder / _AUTHORITY_KEY).exists() or has_key(folder)):
        raise Refused("authority_lost", folder=str(folder))


def authority_of(folder: Path) -> str:
    """The authority's certificate (PEM). Refused("no_certificates") when there is none."""
    try:
        return (folder / _AUTHORITY).read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise Refused("no_certificates", folder=str(folder)) from error


def next_authority_of(folder: Path) -> str:
    """The next authority's certificate (PEM); "" where none was made yet."""
    file = folder / _NEXT
    return file.read_text(encoding="ascii") if file.exists() else ""


def authority_bytes(pem: str) -> bytes:
    """The certificate's DER bytes."""
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)


def server_files(folder: Path) -> tuple[Path, Path]:
    """Certificate and private key of the service. Refused("no_certificates"), ("key_file_open"), and ("certificate_without_its_key")
    where the making of a new pair was broken off between the two, or a file is no whole one."""
    certificate, key = folder / _SERVER, folder / _SERVER_KEY
    if not certificate.exists() or not key.exists():
        raise Refused("no_certificates", folder=str(folder))
    refuse_open(key)
    try:
        shown = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        is_pair = shown == serialization.load_pem_private_key(key.read_bytes(), None).public_key()
    except ValueError:
        is_pair = False
    if not is_pair:
        raise Refused("certificate_without_its_key", folder=str(folder))
    return certificate, key


def names_shown(folder: Path) -> tuple[str, ...]:
    """The names the service's certificate is for; () when there is none. Refused("certificate_unreadable")."""
    try:
        found = x509.load_pem_x509_certificate((folder / _SERVER).read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except FileNotFoundError:
        return ()
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Refused("certificate_unreadable", file=str(folder / _SERVER)) from error
    return tuple(str(name.value) for name in names)


def days_left(folder: Path, now_ms: int) -> int:
    """For how many days the service's certificate still holds; negative when it does not any more."""
    found = x509.load_pem_x509_certificate(server_files(folder)[0].read_bytes())
    return int((found.not_valid_after_utc - _instant(now_ms)).total_seconds() // 86_400)


def issue(folder: Path, names: Sequence[str], now_ms: int, days: int = SERVER_DAYS) -> None:
    """A certificate for the service, signed by the authority in the folder, in place of the one before.
    Refused("host_name_unusable") for a name that is none, ("authority_lost") when its certificate and key are no pair."""
    authority = x509.load_pem_x509_certificate(authority_of(folder).encode())
    refuse_open(folder / _AUTHORITY_KEY)
    signer = serialization.load_pem_private_key((folder / _AUTHORITY_KEY).read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    if signer.public_key() != authority.public_key():
        raise Refused("authority_lost", folder=str(folder))
    key = ec.generate_private_key(ec.SECP256R1())
    all_names = tuple(dict.fromkeys((*names, *ALWAYS)))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _certificate("district centre", authority.subject, key, now_ms, days)
        .add_extension(x509.SubjectAlternativeName([_name(n) for n in all_names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, hashes.SHA256())
    )
    write_whole(folder / _SERVER_KEY, _private(key), PRIVATE)
    write_whole(folder / _SERVER, made.public_bytes(serialization.Encoding.PEM))


def refuse_unusable(names: Sequence[str]) -> None:
    """Refused("host_name_unusable") for a name that can stand in no certificate."""
    for name in names:
        _name(name)


def _make_authority(key_file: Path, file: Path, now_ms: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _subject("district centre's own authority")
    made = (
        _certificate("district centre's own authority", name, key, now_ms, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_whole(key_file, _private(key), PRIVATE)
    write_whole(file, made.public_bytes(serialization.Encoding.PEM))


def _certificate(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now_ms: int, days: int
) -> x509.CertificateBuilder:
    begins = _instant(now_ms - _BACKDATED_DAYS * DAY_MS)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(_instant(now_ms + days * DAY_MS))
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    """The authority signs certificates and nothing else; the service signs handshakes and nothing else."""
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise Refused("host_name_unusable", name=name)
    return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    shape = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*shape)


def _instant(at_ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
