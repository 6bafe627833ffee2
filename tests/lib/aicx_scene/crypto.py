# SPDX-License-Identifier: Apache-2.0
"""crypto.py - the protocol's primitives over libcrypto, apart from the broker's own code.

Every signature and MAC covers "aiconexus <kind> v1\\n" and then the bytes.
"""
import base64
import ctypes
import hashlib
import hmac
import secrets

_lib = ctypes.CDLL("libcrypto.so.3")
_X25519, _ED25519 = 1034, 1087  # EVP_PKEY_X25519, EVP_PKEY_ED25519

for _name in ("EVP_PKEY_new_raw_private_key", "EVP_PKEY_new_raw_public_key",
              "EVP_MD_CTX_new", "EVP_PKEY_CTX_new"):
    getattr(_lib, _name).restype = ctypes.c_void_p


def b64(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    """The strict reverse of b64(); ValueError for any other spelling."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text:
        raise ValueError(f'not base64url: "{text}"')
    return data


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(ikm, salt, info, n_bytes=32):
    """HKDF-SHA256 (RFC 5869)."""
    prk = hmac.digest(salt or bytes(32), ikm, "sha256")
    block, out = b"", b""
    while len(out) < n_bytes:
        block = hmac.digest(prk, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:n_bytes]


def tagged(kind, data):
    return f"aiconexus {kind} v1\n".encode() + data


def mac(key, kind, data):
    return hmac.digest(key, tagged(kind, data), "sha256")


def key_id(public):
    return b64(sha256(public))


class _Handle:
    """An EVP object that frees itself; a NULL one is an error."""

    def __init__(self, pointer, free):
        if not pointer:
            raise ValueError("libcrypto refused the key")
        self.pointer, self._free = ctypes.c_void_p(pointer), getattr(_lib, free)

    def __del__(self):
        if hasattr(self, "pointer"):
            self._free(self.pointer)


def _private(kind, seed):
    return _Handle(_lib.EVP_PKEY_new_raw_private_key(
        kind, None, seed, ctypes.c_size_t(len(seed))), "EVP_PKEY_free")


def _public(kind, raw):
    return _Handle(_lib.EVP_PKEY_new_raw_public_key(
        kind, None, raw, ctypes.c_size_t(len(raw))), "EVP_PKEY_free")


def _public_of(handle):
    raw, size = ctypes.create_string_buffer(32), ctypes.c_size_t(32)
    if _lib.EVP_PKEY_get_raw_public_key(handle.pointer, raw, ctypes.byref(size)) != 1:
        raise ValueError("libcrypto has no public key for it")
    return raw.raw


class Key:
    """An Ed25519 key that signs."""

    def __init__(self, seed=None):
        self.seed = seed or secrets.token_bytes(32)
        self._handle = _private(_ED25519, self.seed)
        self.public = _public_of(self._handle)
        self.id = key_id(self.public)

    def sign_plain(self, message):
        ctx = _Handle(_lib.EVP_MD_CTX_new(), "EVP_MD_CTX_free")
        sig, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
        if _lib.EVP_DigestSignInit(ctx.pointer, None, None, None, self._handle.pointer) != 1 or \
                _lib.EVP_DigestSign(ctx.pointer, sig, ctypes.byref(size), message,
                                    ctypes.c_size_t(len(message))) != 1:
            raise ValueError("libcrypto did not sign")
        return sig.raw

    def sign(self, kind, data):
        return self.sign_plain(tagged(kind, data))


def verify(public, kind, data, signature):
    message = tagged(kind, data)
    key = _public(_ED25519, public)
    ctx = _Handle(_lib.EVP_MD_CTX_new(), "EVP_MD_CTX_free")
    return _lib.EVP_DigestVerifyInit(ctx.pointer, None, None, None, key.pointer) == 1 and \
        _lib.EVP_DigestVerify(ctx.pointer, signature, ctypes.c_size_t(len(signature)),
                              message, ctypes.c_size_t(len(message))) == 1


def x25519_public(seed):
    return _public_of(_private(_X25519, seed))


def x25519_shared(seed, peer):
    own, other = _private(_X25519, seed), _public(_X25519, peer)
    ctx = _Handle(_lib.EVP_PKEY_CTX_new(own.pointer, None), "EVP_PKEY_CTX_free")
    secret, size = ctypes.create_string_buffer(32), ctypes.c_size_t(32)
    if _lib.EVP_PKEY_derive_init(ctx.pointer) != 1 or \
            _lib.EVP_PKEY_derive_set_peer(ctx.pointer, other.pointer) != 1 or \
            _lib.EVP_PKEY_derive(ctx.pointer, secret, ctypes.byref(size)) != 1:
        raise ValueError("the shared secret is refused")
    return secret.raw
