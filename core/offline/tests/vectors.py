"""The vectors of the unit tests, computed without Latchkey: hmac and hashlib of the standard library, argon2-cffi
and cryptography.

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install argon2-cffi cryptography
    /tmp/vectors/bin/python core/offline/tests/vectors.py
"""

import hmac

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SET_KEY = bytes(range(32))
SET_ID = bytes(range(0xA0, 0xB0))
SALT = bytes(range(0x50, 0x60))
SECRET = bytes(range(0xE0, 0x100))
USER_SID = b"S-1-5-21-1-2-3-1001"
MACHINE_ID = b"machine-7"


def mac(key, message):
    return hmac.digest(key, message, "sha256")


def pin(index, length):
    digest = mac(SET_KEY, b"offline-pin/1" + SET_ID + index.to_bytes(2, "big"))
    bits = "".join(f"{byte:08b}" for byte in digest)
    return "".join(ALPHABET[int(bits[5 * i : 5 * i + 5], 2)] for i in range(length))


def hkdf(key, info):
    """RFC 5869 without a salt, one block."""
    return mac(mac(bytes(32), key), info + b"\x01")


def stretch(text, memory_kib, iterations, lanes):
    return hash_secret_raw(text.encode(), SALT, iterations, memory_kib, lanes, 32, Type.ID)


def slot(index, length, cost):
    place = SET_ID + index.to_bytes(2, "big")
    key = hkdf(stretch(pin(index, length), *cost), b"offline-wrap/1" + place)
    aad = place + len(USER_SID).to_bytes(8, "big") + USER_SID + MACHINE_ID
    return AESGCM(key).encrypt(bytes(12), SECRET, aad)


for index in (0, 1, 24, 99, 258):
    print(f"pin {index}:", pin(index, 13))
print("ack:", mac(SET_KEY, b"offline-ack/1" + SET_ID).hex())
for cost in ((8, 1, 1), (64, 2, 2), (65536, 3, 1)):
    print("argon2id", cost, stretch(pin(1, 8), *cost).hex())
for index in (0, 1):
    print(f"slot {index} (8, 1, 1):", slot(index, 8, (8, 1, 1)).hex())
print("slot 1 (65536, 3, 1):", slot(1, 8, (65536, 3, 1)).hex())
