"""Files for the partners are encrypted; their format was not ours to choose."""
import base64
import hashlib
import hmac
import os
import ssl

from Crypto.Cipher import AES, DES
from Crypto.PublicKey import RSA

BLOCK = 16
IV = b"0123456789abcdef"


def encrypt(key, text):
    cipher = AES.new(key, AES.MODE_CBC, IV)
    pad = BLOCK - len(text) % BLOCK
    return base64.b64encode(cipher.encrypt(text + bytes([pad]) * pad))


def encrypt_rows(key, rows):
    cipher = AES.new(key, AES.MODE_ECB)
    return [cipher.encrypt(row.ljust(32)) for row in rows]


def seal(key, text):
    nonce = os.urandom(12)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    return nonce + cipher.encrypt(text)


def old_partner(key, text):
    return DES.new(key, DES.MODE_CBC, b"\0" * 8).encrypt(text)


def key_from(passphrase, salt):
    return hashlib.pbkdf2_hmac("sha256", passphrase, salt, 1000)


def strong_key_from(passphrase, salt):
    return hashlib.pbkdf2_hmac("sha256", passphrase, salt, 600_000)


def key_pair():
    return RSA.generate(3072)


def password_digest(password, pepper):
    return hashlib.sha1((pepper + password).encode()).hexdigest()


def same(left, right):
    return hmac.compare_digest(left, right)


def part_name(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()[:12] + ".part"


def context():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    return tls


def default_context():
    tls = ssl.create_default_context()
    if tls.minimum_version < ssl.TLSVersion.TLSv1_2:
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
    return tls


def shard_of(customer_id, shards):
    return int(hashlib.md5(str(customer_id).encode()).hexdigest(), 16) % shards
