"""Keys, signatures and one-time codes: what proves itself, what does not, and what a person may mistype."""

from __future__ import annotations

import random

import pytest

from models.enrolment_code import ALPHABET, EnrolmentCode, new_code, pin_of, read_code, secret_hash
from models.errors import Refused
from models.signing import ACT, RECEIPT, SigningKey, is_public_key, is_signature, is_signed, new_key
from models.wire import ED25519, UNSIGNED, Malformed, Sealed

KEY, OTHER = (new_key(random.Random(n).randbytes) for n in (1, 2))
SEALED = Sealed("{}", "a" * 64, UNSIGNED)


def test_a_key_is_the_same_after_it_was_kept() -> None:
    again = SigningKey(KEY.secret)
    assert again.public == KEY.public and KEY.secret not in KEY.public
    assert again.sign(ACT, "x") == KEY.sign(ACT, "x"), "an act that is sent again carries the same signature"


def test_the_published_example_of_ed25519() -> None:
    """RFC 8032 §7.1, TEST 1: the key pair; what is signed has our purpose before it, so its signature differs."""
    import base64

    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    found = SigningKey(base64.urlsafe_b64encode(seed).decode().rstrip("="))
    assert found.public == base64.urlsafe_b64encode(public).decode().rstrip("=")


def test_only_the_right_key_text_and_purpose_fit() -> None:
    signature = KEY.sign(ACT, "text")
    assert is_signature(KEY.public, signature, ACT, "text")
    assert not is_signature(OTHER.public, signature, ACT, "text")
    assert not is_signature(KEY.public, signature, RECEIPT, "text")
    assert not is_signature(KEY.public, signature, ACT, "text2")


@pytest.mark.parametrize("spoilt", ["", "x", "=" * 86, "é" * 86, "A" * 86, "A" * 88, "\x00" * 86])
def test_what_is_no_signature_is_not_taken_for_one(spoilt: str) -> None:
    assert not is_signature(KEY.public, spoilt, ACT, "text")
    assert not is_signature(spoilt, KEY.sign(ACT, "text"), ACT, "text")
    assert not is_public_key(spoilt)


def test_a_signature_has_one_spelling() -> None:
    signature = KEY.sign(ACT, "text")
    last = signature[-1]
    others = [signature[:-1] + letter for letter in "ABCDEFGHIJKLMNOP" if letter != last]
    assert not any(is_signature(KEY.public, other, ACT, "text") for other in (*others, signature + "=="))
    with pytest.raises(Malformed):
        SigningKey(KEY.secret + "=")


def test_an_act_is_signed_over_its_hash() -> None:
    signed = KEY.signed(SEALED)
    assert (signed.alg, signed.body, signed.hash) == (ED25519, SEALED.body, SEALED.hash)
    assert is_signed(signed, KEY.public) and not is_signed(signed, OTHER.public)
    assert not is_signed(SEALED, KEY.public), "who has a key signs"
    assert is_signed(SEALED, "") and not is_signed(signed, ""), "who has none cannot"


# Codes

CODE = EnrolmentCode("7K3M9QWD4T", pin_of(b"a certificate"))


@pytest.mark.parametrize("code", [CODE, EnrolmentCode("7K3M9QWD4T")])
def test_a_code_is_read_as_people_write_it(code: EnrolmentCode) -> None:
    shown = code.shown()
    assert all(len(group) == 4 for group in shown.split("-"))
    for typed in (
        shown,
        shown.lower(),
        shown.replace("-", " "),
        f" {shown.replace('-', '')}\n",
        shown.replace("-", "–"),
    ):
        assert read_code(typed) == code
    assert read_code(shown.replace("0", "O").replace("1", "l")) == code


def test_one_wrong_letter_or_two_neighbours_swapped_are_noticed_here() -> None:
    letters = CODE.shown().replace("-", "")
    for place, right in enumerate(letters):
        for wrong in ALPHABET:
            if wrong != right:
                with pytest.raises(Refused, match="code_mistyped"):
                    read_code(letters[:place] + wrong + letters[place + 1 :])
    for place in range(len(letters) - 1):
        one, two = letters[place : place + 2]
        if one != two:
            with pytest.raises(Refused, match="code_mistyped"):
                read_code(letters[:place] + two + one + letters[place + 2 :])


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M-9QWD", CODE.shown()[:-5], CODE.shown() + "-7K3M"])
def test_a_code_that_is_not_whole(typed: str) -> None:
    with pytest.raises(Refused, match="code_incomplete"):
        read_code(typed)


@pytest.mark.parametrize("typed", ["登记码登记码登记码登记码", "U" * 12, "!" * 28])
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(Refused, match="code_mistyped"):
        read_code(typed)


def test_codes_are_not_guessed_and_hashes_do_not_tell() -> None:
    found = {new_code(random.Random(n).randbytes).secret for n in range(500)}
    assert len(found) == 500 and {letter for secret in found for letter in secret} == set(ALPHABET)
    assert "7K3M9QWD4T" not in secret_hash("7K3M9QWD4T")


def test_the_pin_is_the_beginning_of_the_fingerprint() -> None:
    import hashlib

    digest = hashlib.sha256(b"a certificate").digest()
    value = 0
    for letter in CODE.pin:
        value = value << 5 | ALPHABET.index(letter)
    assert value == int.from_bytes(digest[:10], "big"), "80 bits"
