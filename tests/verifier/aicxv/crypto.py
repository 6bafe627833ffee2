# SPDX-License-Identifier: Apache-2.0
"""crypto.py - SHA-256, Ed25519 and the Merkle tree of RFC 6962."""
import ctypes
import functools
import hashlib

from .strict import to_b64

_lib = ctypes.CDLL("libcrypto.so.3")
_ED25519 = 1087  # EVP_PKEY_ED25519
_lib.EVP_PKEY_new_raw_public_key.restype = ctypes.c_void_p
_lib.EVP_MD_CTX_new.restype = ctypes.c_void_p


def sha256(data):
    return hashlib.sha256(data).digest()


def text_hash(text):
    """base64url of SHA-256 of a text."""
    return to_b64(sha256(text.encode()))


def key_id(public):
    return to_b64(sha256(public))


@functools.lru_cache(maxsize=65536)
def signed_by(public, message, signature):
    """RFC 8032, pure Ed25519."""
    key = _lib.EVP_PKEY_new_raw_public_key(_ED25519, None, public, ctypes.c_size_t(len(public)))
    if not key:
        return False
    key = ctypes.c_void_p(key)
    context = ctypes.c_void_p(_lib.EVP_MD_CTX_new())
    try:
        return _lib.EVP_DigestVerifyInit(context, None, None, None, key) == 1 and \
            _lib.EVP_DigestVerify(context, signature, ctypes.c_size_t(len(signature)),
                                  message, ctypes.c_size_t(len(message))) == 1
    finally:
        _lib.EVP_MD_CTX_free(context)
        _lib.EVP_PKEY_free(key)


# --- the tree ----------------------------------------------------------------------

def leaf_hash(data):
    return sha256(b"\0" + data)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def root_of(leaves):
    """MTH of RFC 6962, section 2.1, from leaf hashes: left subtrees are full."""
    edge = []  # (level, hash), levels falling
    for leaf in leaves:
        level = 0
        while edge and edge[-1][0] == level:
            leaf = node_hash(edge.pop()[1], leaf)
            level += 1
        edge.append((level, leaf))
    if not edge:
        return sha256(b"")
    root = edge.pop()[1]
    while edge:
        root = node_hash(edge.pop()[1], root)
    return root


def included(leaf, index, size, proof, root):
    """PATH of section 2.1.1, walked up as in RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(step, value)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            value = node_hash(value, step)
        at >>= 1
        last >>= 1
    return last == 0 and value == root


def is_subtree(start, end):
    """Leaves start to end are those of one node, or of the ragged right end of one."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def subtree_consistent(start, end, root, size, size_root, proof):
    """That the tree of `size` leaves has the subtree of leaves start to end; with start 0
    this is PROOF of section 2.1.2, which knows no empty trees."""
    if start == end <= size:
        return not proof and root == sha256(b"")
    if not is_subtree(start, end) or end > size:
        return False
    first, at, last = start, end - 1, size - 1
    while first != at and (at == last or at & 1):
        first, at, last = first >> 1, at >> 1, last >> 1
    steps = list(proof)
    if first == at:
        steps.insert(0, root)
    if not steps:
        return False
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            if first < at:
                old = node_hash(step, old)
            new = node_hash(step, new)
            while not at & 1:
                first, at, last = first >> 1, at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        first, at, last = first >> 1, at >> 1, last >> 1
    return last == 0 and old == root and new == size_root


def consistent(size, root, later_size, later_root, proof):
    """The tree of later_size leaves begins with that of size."""
    if size == 0:
        return False
    if size == later_size:
        return not proof and root == later_root
    return subtree_consistent(0, size, root, later_size, later_root, proof)
