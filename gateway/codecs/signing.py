"""Signatures of documents, feeds and commands: what is signed, and how a manifest writes it (Ed25519, RFC 8032)."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def digest_of(content: bytes) -> str:
    """SHA-256 of a document's bytes as a manifest writes it: `sha256:` and 64 lower-case hex digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def signing_text(*, tenant: str, store: str, name: str, serial: int, digest: str) -> bytes:
    """The bytes that are signed: they bind a document's digest to its name, serial and store."""
    return f"proximity-document-v1\n{tenant}\n{store}\n{name}\n{serial}\n{digest}\n".encode()


def sign_manifest(
    content: bytes, *, tenant: str, store: str, name: str, serial: int, key: str, private_key: Ed25519PrivateKey
) -> dict[str, object]:
    """The manifest of `content` but for where it is (`url` or `inline`); `key` is the signer's name in `[trust]`."""
    digest = digest_of(content)
    signed = private_key.sign(signing_text(tenant=tenant, store=store, name=name, serial=serial, digest=digest))
    signature = base64.b64encode(signed).decode()
    return {"serial": serial, "digest": digest, "size": len(content), "key": key, "signature": signature}


def feed_text(*, tenant: str, store: str, feed: str, serial: int, digest: str) -> bytes:
    """The bytes that are signed of a batch: they bind the digest of its text to its feed, serial and store."""
    return f"proximity-feed-v1\n{tenant}\n{store}\n{feed}\n{serial}\n{digest}\n".encode()


def sign_feed(
    batch: str, *, tenant: str, store: str, feed: str, serial: int, key: str, private_key: Ed25519PrivateKey
) -> dict[str, object]:
    """The envelope of a batch's JSON text; `key` is the signer's name in `[trust]`."""
    digest = digest_of(batch.encode())
    signed = private_key.sign(feed_text(tenant=tenant, store=store, feed=feed, serial=serial, digest=digest))
    return {"serial": serial, "batch": batch, "key": key, "signature": base64.b64encode(signed).decode()}


def command_text(command: str) -> bytes:
    """The bytes that are signed of a command, which is JSON text and binds itself to its gateway."""
    return f"proximity-command-v1\n{command}".encode()


def sign_command(command: str, *, key: str, private_key: Ed25519PrivateKey) -> dict[str, object]:
    """The envelope of a command's JSON text; `key` is the signer's name in `[trust]`."""
    signature = base64.b64encode(private_key.sign(command_text(command))).decode()
    return {"command": command, "key": key, "signature": signature}


def signature_holds(public_key: Ed25519PublicKey, text: bytes, signature: str) -> bool:
    """Whether `signature` (base64) is `public_key`'s over `text`."""
    try:
        public_key.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_text(private_key: Ed25519PrivateKey) -> str:
    """The public half of `private_key` as `[trust]` writes it: base64 of its 32 bytes."""
    return base64.b64encode(private_key.public_key().public_bytes_raw()).decode()


def public_key_from(text: str) -> Ed25519PublicKey:
    """The key written as base64 of its 32 bytes.

    Raises:
        ValueError: `text` is not that.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        msg = "it is not base64"
        raise ValueError(msg) from error
    if len(raw) != 32:
        msg = f"it holds {len(raw)} bytes; an Ed25519 public key has 32"
        raise ValueError(msg)
    return Ed25519PublicKey.from_public_bytes(raw)
