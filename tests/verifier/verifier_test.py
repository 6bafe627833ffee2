# SPDX-License-Identifier: Apache-2.0
"""verifier_test.py - the second verifier: the tree's vectors, strict forms, and every
kind of file, good, broken, unreadable and by a broker that nobody knows."""
import base64
import gzip
import json
import pathlib
import subprocess
import sys

from aicx_scene import Key, equal, main, place, refused, scene, skip, that, wire

import fair
import paper
from aicxv import BROKEN, GOOD, UNKNOWN_KEY, UNREADABLE, Broken, Trust, crypto, strict, verify
from aicxv.note import Note

AT = "2026-11-22T12:00:00.000Z"
HERE = pathlib.Path(__file__).parent


# --- the tree ------------------------------------------------------------------------

def vectors():
    folder = place.VECTORS / "merkle/testdata"
    if not folder.exists():
        skip("no vectors")
    for path in sorted(folder.rglob("*.json")):
        yield path.relative_to(folder).parts[0], path, json.loads(path.read_text())


def unb64(text):
    return base64.b64decode(text or "")


def proof_of(case):
    return [unb64(step) for step in case["proof"] or []]


def judge(kind, case):
    """What the verifier says; a proof of anything but hashes is refused where it is read."""
    proof = proof_of(case)
    if "leafHash" in case and len(unb64(case["leafHash"])) != 32:
        return False
    if any(len(step) != 32 for step in proof):
        return False
    if kind == "inclusion":
        return crypto.included(unb64(case["leafHash"]), case["leafIdx"], case["treeSize"], proof,
                               unb64(case["root"]))
    if kind == "subtreeinclusion":
        return crypto.is_subtree(case["start"], case["end"]) and crypto.included(
            unb64(case["leafHash"]), case["leafIdx"] - case["start"], case["end"] - case["start"],
            proof, unb64(case["root"]))
    roots = unb64(case["root1"]), unb64(case["root2"])
    if kind == "consistency":
        return crypto.consistent(case["size1"], roots[0], case["size2"], roots[1], proof)
    return crypto.subtree_consistent(case["start"], case["end"], roots[0], case["size"], roots[1],
                                     proof)


@scene
def every_vector_is_judged_as_written():
    counts = {}
    for kind, path, case in vectors():
        equal(judge(kind, case), not case["wantErr"], str(path))
        counts[kind] = counts.get(kind, 0) + 1
    equal(counts, {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204,
                   "subtreeconsistency": 118})


@scene
def proofs_of_all_small_trees_hold_and_no_other_ones():
    leaves = [crypto.leaf_hash(bytes([i])) for i in range(20)]
    tree = paper.Tree(leaves)
    for size in range(1, 21):
        root = tree.root(0, size)
        equal(crypto.root_of(leaves[:size]), root)
        for index in range(size):
            path = tree.path(index, size)
            that(crypto.included(leaves[index], index, size, path, root), "a good path")
            for bad in (path[:-1], path + [root], [root] + path[1:]):
                that(bad == path or not crypto.included(leaves[index], index, size, bad, root),
                     "a bad path")
        for old in range(1, size + 1):
            proof, before = tree.proof(old, size), tree.root(0, old)
            that(crypto.consistent(old, before, size, root, proof), "a good proof")
            that(not crypto.consistent(old, bytes(32), size, root, proof), "a bad root")
            that(not crypto.consistent(old, before, size, root, proof + [root]), "a long proof")
    equal(crypto.root_of([]), crypto.sha256(b""))


# --- forms ----------------------------------------------------------------------------

@scene
def what_has_two_readings_is_refused():
    for text in ('{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '["\\ud800"]', "[1,]", "NaN", "[01]", "{'a':1}",
                 '"\t"', "[1]x", "[" * 65 + "]" * 65, "\ufeff[]", "[1" + "0" * 5000 + "]", "tru"):
        refused(ValueError, strict.parse, text)
    equal(strict.parse('{"a":[1,"\\u00e9\\ud83d\\ude00"]}'), {"a": [1, "\u00e9\U0001f600"]})
    that(strict.parse("1.0") != 1, "1.0 is not spelled like 1")
    for text in ("AA=", "A", "AB", "A A", "-_-", "A\n", "\u00e9"):
        refused(ValueError, strict.b64, text, 1)
    equal(strict.b64("AA", 1), b"\0")
    refused(ValueError, strict.b64, "AA", 2)


@scene
def ids_times_and_amounts_have_one_spelling():
    def value(kind, item):
        return strict.read({"x": item}, {"x": kind}, "it")["x"]
    for kind, items in {
            "id": ("0190A000-0000-7000-8000-000000000000", strict.NIL, "x", 1),
            "time": ("2026-11-22 12:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T12:00:00+00:00", 5),
            "int": (-1, 1.5, True, "01", "-1", 2 ** 63), "number": ("1", True, -1),
            "money": ({"amount": 1, "currency": "AIC"}, {"amount": "1", "currency": "aic"},
                      {"amount": "01", "currency": "AIC"}, {"amount": "-1", "currency": "AIC"},
                      {"amount": "1.", "currency": "AIC"}, {"amount": ".5", "currency": "AIC"},
                      {"amount": "1e3", "currency": "AIC"}, {"amount": "9" * 20, "currency": "AIC"},
                      {"amount": "1.0000000001", "currency": "AIC"}, {"amount": "\u0661", "currency": "AIC"},
                      {"amount": "1", "currency": "AIC", "scale": 2})}.items():
        for item in items:
            refused(Broken, value, kind, item)
    equal(value("money", {"amount": "0.0025", "currency": "AIC"}).fine, 2500000000)
    equal(value("time", "1970-01-02T00:00:00.5Z"), 86400500)
    equal(value("int", "9007199254740993"), 2 ** 53 + 1)


@scene
def a_member_is_found_in_its_exact_text():
    text = '{ "a" : [ {"x": 1} , { "b": "q\\"]}", "c" :{ "d":\t[ 1 , 2 ] } } ] }'
    equal(strict.raw(text, "a", 1, "c", "d"), "[ 1 , 2 ]")
    equal(strict.raw(text, "a", 1, "b"), '"q\\"]}"')
    refused(Broken, strict.raw, text, "a", 2)


# --- a ledger on paper -----------------------------------------------------------------

def amount(text):
    return {"amount": text, "currency": "AIC"}


def entry(kind, debit, credit, text, entry_id=None):
    return {"id": entry_id or wire.new_id(), "kind": kind, "debit": debit, "credit": credit,
            "amount": amount(text)}


def small(entries):
    """A ledger of one record for each list of entries."""
    book = paper.Paper(Key(), wire.new_id())
    for one in entries:
        book.append("account.fund", wire.new_id(), AT, entries=one)
    return book.seal()


def status(book, *files, without=()):
    return verify([(f"file {i}", data) for i, data in enumerate(files)],
                  Trust(book.key.public), without).status


@scene
def a_ledger_balances_and_nobody_is_below_zero():
    who = wire.new_id()
    fund = entry("fund", "funding:available", f"{who}:available", "2.000000")
    good = small([[fund], [entry("withdraw", f"{who}:available", "funding:available", "2.000000")]])
    equal(status(good, good.ledger()), GOOD)
    for bad in ([entry("withdraw", f"{who}:available", "funding:available", "2.000001")],
                [entry("fund", f"{who}:available", "funding:available", "1.000000")],
                [entry("gift", f"{who}:available", "fees:available", "1.000000")],
                [entry("reserve", f"{who}:available", f"{who}:reserved", "1.000000")],
                [entry("withdraw", f"{who}:available", "funding:available", "1.0")],
                [entry("withdraw", f"{who}:available", "funding:available", "0.000000")]):
        book = small([[fund], bad])
        equal(status(book, book.ledger()), BROKEN, str(bad))


@scene
def a_record_that_was_changed_left_out_or_moved_is_found():
    who = wire.new_id()
    book = small([[entry("fund", "funding:available", f"{who}:available", "2.000000")]] * 5)
    lines = book.ledger().split(b"\n")
    for change in (lambda: lines[:2] + lines[3:], lambda: lines[:2] + [lines[3], lines[2]] + lines[4:],
                   lambda: [line.replace(b"account.fund", b"account.find", i == 3)
                            for i, line in enumerate(lines)], lambda: lines[:-3] + lines[-2:]):
        equal(status(book, b"\n".join(change())), BROKEN)
    equal(status(book, b"\n".join(lines[:-2])), BROKEN, "without its checkpoint")
    equal(status(book, b"\n".join(lines)[:-70]), UNREADABLE)


@scene
def a_part_of_a_ledger_is_bound_by_its_last_record():
    book, other = small([[]] * 9), small([[]] * 9)
    for first, last in ((1, 9), (1, 1), (4, 7), (9, 9)):
        equal(status(book, book.audit(first, last)), GOOD)
        equal(status(book, gzip.compress(book.audit(first, last))), GOOD)
        equal(status(other, book.audit(first, last)), BROKEN)
    equal(status(book, book.audit(2, 5), book.audit(6, 8), book.ledger()), GOOD)
    equal(verify([("a", book.audit(2, 5))], Trust()).status, UNKNOWN_KEY)
    lines = book.audit(3, 7).split(b"\n")
    for change in (lambda: lines[:2] + lines[3:], lambda: lines[:2] + [lines[3], lines[2]] + lines[4:],
                   lambda: lines[:-3] + lines[-2:], lambda: lines[:1] + lines[-2:],
                   lambda: [line.replace(b"account.fund", b"account.find", i == 2)
                            for i, line in enumerate(lines)],
                   lambda: [line.replace(b'"index":6', b'"index":5') for line in lines],
                   lambda: lines[:-2] + [book.audit(3, 6).split(b"\n")[-2]]):
        equal(status(book, b"\n".join(change())), BROKEN)
    equal(status(book, b"\n".join(lines)[:-70]), UNREADABLE)
    equal(status(book, gzip.compress(b"\n".join(lines))[:-9]), UNREADABLE)


@scene
def checkpoints_are_signed_and_two_of_one_size_are_equal():
    book, other = small([[]] * 6), small([[]] * 6)
    other.key, other.broker_id = book.key, book.broker_id
    note = book.checkpoint(4)
    equal(status(book, note.encode()), GOOD)
    equal(status(book, note.encode(), other.checkpoint(4).encode()), BROKEN, "two roots of one size")
    equal(status(book, other.checkpoint(4).encode(), book.ledger()), BROKEN, "another beginning")
    equal(status(book, note.encode(), book.ledger(), book.consistency(2, 5)), GOOD)
    equal(status(book, book.consistency(3, 6).replace(
        json.dumps(book.checkpoint(3), ensure_ascii=False)[1:-1].encode(),
        json.dumps(other.checkpoint(3), ensure_ascii=False)[1:-1].encode())), BROKEN)
    stranger = Key()
    equal(verify([("c", note.encode())], Trust(stranger.public)).status, BROKEN)
    equal(verify([("c", note.encode())], Trust()).status, UNKNOWN_KEY)
    equal(verify([("c", note.encode())], Trust(book.key.public, wire.new_id())).status, UNKNOWN_KEY)
    text = note + f"\u2014 witness.example {base64.b64encode(bytes(68)).decode()}\n"
    equal(status(book, text.encode()), GOOD, "others may sign too")
    body = note.split("\n\n")[0]
    for bad in (note[:-1], body + "\n", note.replace("\n4\n", "\n04\n"), note.replace("\n\n", "\n\n\n"),
                note.replace("\u2014", "-"), note.replace("/0\n", "/1\n", 1), note + "x"):
        refused(Broken, Note, bad)


# --- a real run --------------------------------------------------------------------------

def command(*args):
    done = subprocess.run([sys.executable, "-B", HERE / "aicx_verify.py", *map(str, args)],
                          check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


@scene
def every_file_of_a_real_run_is_good_alone_and_together():
    run = fair.Fair(6)
    book = run.honest
    folder = pathlib.Path(run.folder)
    (folder / "key").write_text(run.public_key + "\n")
    files = {f"deal{i}": data for i, data in enumerate(run.files.values())}
    files |= {f"receipt{i}": data for i, data in enumerate(run.receipts)}
    files |= {f"note{i}": data for i, data in enumerate(run.checkpoints)}
    files |= {"ledger": book.ledger(), "consistency": book.consistency(7, 20)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
        equal(verify([(name, data)], Trust.from_bytes(run.public_key.encode())).lines[-1], "good", name)
    paths = [folder / name for name in files]
    code, said = command(*paths, "--trust", folder / "key")
    equal((code, said.splitlines()[-1]), (0, "good"))
    equal(command(folder / "deal0")[0], 3)
    (folder / "key").write_text(Key().id)
    code, said = command(folder / "deal0", "--trust", folder / "key")
    that(code == 1 and "BAD the key trusted" in said, said)
    (folder / "bad").write_text("no file")
    equal(command(folder / "bad")[0], 2)
    equal(command(folder / "none")[0], 2)


if __name__ == "__main__":
    sys.exit(main(__doc__))
