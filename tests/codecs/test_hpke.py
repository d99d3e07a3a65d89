"""HPKE against the vectors of RFC 9180, appendix A.1.1, and the answer that goes back."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.hpke import HpkeError, open_answer, open_sealed, seal, seal_answer

EPHEMERAL = bytes.fromhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")
RECIPIENT = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
PUBLIC = bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
PLAINTEXT = b"Beauty is truth, truth beauty"
SEALED = bytes.fromhex(
    "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
)
EXPORTED = {
    b"": "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
    b"\x00": "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5",
    b"TestContext": "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
}


def private(octets: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(octets)


def test_the_vectors_of_the_rfc() -> None:
    sealed, context = seal(PLAINTEXT, PUBLIC, INFO, ephemeral=private(EPHEMERAL), aad=b"Count-0")
    assert sealed == SEALED
    assert context.key.hex() == "4531685d41d65f03dc48f6b8302c05b0"
    assert context.nonce.hex() == "56d890e5accaaf011cff4b7d"
    assert context.exporter_secret.hex() == "45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8"
    assert {use: context.export(use, 32).hex() for use in EXPORTED} == EXPORTED
    assert open_sealed(SEALED, private(RECIPIENT), INFO, aad=b"Count-0") == (PLAINTEXT, context)


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_a_message_and_its_answer_come_through(message: bytes, answer: bytes) -> None:
    key = X25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    sealed, ours = seal(message, public, INFO, ephemeral=X25519PrivateKey.generate())
    opened, theirs = open_sealed(sealed, key, INFO)
    assert (opened, open_answer(seal_answer(answer, theirs), ours)) == (message, answer)


@pytest.mark.parametrize("harm", ["cut", "changed", "other key", "other use", "weak key", "short"])
def test_what_was_not_sealed_so_is_not_opened(harm: str) -> None:
    changed = bytes([*SEALED[:-1], SEALED[-1] ^ 1])
    sealed = {"cut": SEALED[:-1], "changed": changed, "weak key": bytes(32) + SEALED[32:], "short": SEALED[:47]}
    key = EPHEMERAL if harm == "other key" else RECIPIENT
    info = b"another" if harm == "other use" else INFO
    with pytest.raises(HpkeError):
        open_sealed(sealed.get(harm, SEALED), private(key), info, aad=b"Count-0")


def test_an_answer_to_another_message_is_none_to_this() -> None:
    contexts = [seal(b"", PUBLIC, INFO, ephemeral=X25519PrivateKey.generate())[1] for _ in range(2)]
    with pytest.raises(HpkeError):
        open_answer(seal_answer(b"yes", contexts[0]), contexts[1])
