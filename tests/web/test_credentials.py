"""Head office's tokens: one form, one store, one time, a trusted signer; anything else proves nothing."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.credentials import LEEWAY_S, HeadOfficeTokens, NotCredential
from tests.web.shop import STORE, TRUST, bearer

NOW_S = time.time()
TOKENS = HeadOfficeTokens(TRUST.keys, STORE)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
def test_a_member_is_known_by_its_handle(alg: str) -> None:
    credential = TOKENS.verify(bearer("member", "q3lzt7", alg=alg), NOW_S)
    assert (credential.scope, credential.subject, credential.session) == ("member", "m.q3lzt7", None)


@pytest.mark.parametrize("scope", ["staff", "till", "it", "display"])
def test_others_have_a_scope_and_no_subject(scope: str) -> None:
    credential = TOKENS.verify(bearer(scope, "tablet-3", aud=["other", "proximity:acme/0042"]), NOW_S)
    assert (credential.scope, credential.subject) == (scope, None)


@pytest.mark.parametrize(
    "token",
    [
        bearer(key=OTHER),
        bearer(iss="other"),
        bearer(iss=None),
        bearer(iss=["hq"]),
        bearer(aud="proximity:acme/0043"),
        bearer(aud=None),
        bearer(aud=7),
        bearer(scope="root"),
        bearer(scope="member staff"),
        bearer(exp=None),
        bearer(exp="tomorrow"),
        bearer(exp=True),
        bearer(exp=int(NOW_S - LEEWAY_S - 5)),
        bearer(nbf=int(NOW_S + LEEWAY_S + 5)),
        bearer("member", None),
        bearer("member", ""),
        bearer("member", "x" * 129),
        bearer("member", "a\nb"),
        bearer()[:-4],
        bearer() + "x",
        ".".join([*bearer().split(".")[:2], ""]),
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJocSJ9.",
        "eyJhbGciOiJFZERTQSIsImNyaXQiOltbXV19.eyJpc3MiOiJocSJ9.",
        "a.b.c",
        "..",
    ],
)
def test_anything_else_is_none(token: str) -> None:
    with pytest.raises(NotCredential):
        TOKENS.verify(token, NOW_S)


def test_a_payload_of_another_token_does_not_fit() -> None:
    head, _, signature = bearer("member", "ada").split(".")
    _, payload, _ = bearer("staff", None).split(".")
    with pytest.raises(NotCredential):
        TOKENS.verify(f"{head}.{payload}.{signature}", NOW_S)


@given(
    st.one_of(st.text(max_size=200), st.from_regex(r"[A-Za-z0-9_-]{0,60}(\.[A-Za-z0-9_-]{0,60}){2}", fullmatch=True))
)
def test_no_text_does_harm(text: str) -> None:
    with pytest.raises(NotCredential):
        TOKENS.verify(text, NOW_S)
