#!/usr/bin/env python3
"""Walks a whole log by its tiles and says whether it is what its checkpoint signed.

    tlog-fsck.py PREFIX VERIFIER-KEY

PREFIX is a URL that ends before /checkpoint and /tile/. Written from https://c2sp.org/tlog-tiles,
https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note and RFC 6962 section 2.1 alone, in another language than
the product and with nothing of it: another reading of the same texts. Ed25519 is openssl's.
"""
import base64
import hashlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request


class Bad(Exception):
    pass


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise Bad(f"{url} answers {error.code}") from error


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tree(leaves):
    """MTH of RFC 6962 section 2.1 over hashes of leaves, by recursion as it stands there."""
    if len(leaves) == 0:
        return sha()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b"\x01", tree(leaves[:k]), tree(leaves[k:]))


def path(level, index, width):
    """tile/<L>/<N>[.p/<W>]: groups of three digits, all but the last with an x in front."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def opened(note, vkey):
    name, key_hash, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[0] != 1 or sha(name.encode(), b"\n", key)[:4].hex() != key_hash:
        raise Bad("the verifier key is not one of Ed25519 with its own hash")
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    for line in signatures.decode().splitlines():
        dash, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if dash == "\u2014" and signer == name and signature[:4].hex() == key_hash and verifies(key[1:], text, signature[4:]):
            break
    else:
        raise Bad("no signature of the log on its checkpoint")
    origin, size, root = text.decode().split("\n")[:3]
    if origin != name:
        raise Bad("the checkpoint is of another origin")
    return int(size), base64.b64decode(root, validate=True)


def verifies(key, text, signature):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("key", bytes.fromhex("302a300506032b6570032100") + key), ("text", text), ("sig", signature)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", f"{folder}/key", "-rawin"]
        command += ["-in", f"{folder}/text", "-sigfile", f"{folder}/sig"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def widths(count):
    """Index and width of the tiles of a level that has so many hashes."""
    return [(at, min(256, count - at * 256)) for at in range((count + 255) // 256)]


def entries_of(data, width):
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        if len(data) < 2 + length:
            raise Bad("an entry bundle ends within an entry")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    if len(entries) != width:
        raise Bad(f"an entry bundle of {width} holds {len(entries)}")
    return entries


def main(prefix, vkey):
    size, root = opened(get(f"{prefix}/checkpoint"), vkey)
    expected = []
    for index, width in widths(size):
        bundle = get(f"{prefix}/{path('entries', index, width)}")
        expected += [sha(b"\x00", entry) for entry in entries_of(bundle, width)]
    if tree(expected) != root:
        raise Bad("the entries do not make the root that was signed")
    level, tiles = 0, 0
    while expected:
        hashes = []
        for index, width in widths(len(expected)):
            tile = get(f"{prefix}/{path(level, index, width)}")
            if len(tile) != 32 * width:
                raise Bad(f"a tile of level {level} has {len(tile)} bytes, not {32 * width}")
            hashes += [tile[at : at + 32] for at in range(0, len(tile), 32)]
            tiles += 1
        if hashes != expected:
            raise Bad(f"the tiles of level {level} are not those of the entries")
        expected = [tree(expected[at : at + 256]) for at in range(0, len(expected) - 255, 256)]
        level += 1
    print(f"good: {size} entries, {tiles} tiles in {level} levels")


try:
    main(sys.argv[1].rstrip("/"), sys.argv[2])
except (Bad, ValueError, IndexError) as bad:
    print(f"bad: {bad}")
    sys.exit(1)
