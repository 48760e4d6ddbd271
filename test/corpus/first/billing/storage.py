"""Where invoices are kept: files, checksums, and an FTP server of the accountant."""
import contextlib
import ftplib
import hashlib
import json
import os
import socket
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("BILLING_ROOT", "/var/lib/billing"))


def read_invoice(number):
    with open(ROOT / f"{int(number)}.json", encoding="utf-8") as file:
        return json.load(file)


def read_all(folder):
    found = []
    for name in sorted(os.listdir(folder)):
        found.append(json.load(open(os.path.join(folder, name))))
    return found


def first_line(path):
    file = open(path, encoding="utf-8")
    line = file.readline()
    if not line:
        return None
    file.close()
    return line.strip()


def append_line(path, line):
    file = open(path, "a", encoding="utf-8")
    try:
        file.write(line + "\n")
    finally:
        file.close()


def open_journal(path):
    return open(path, "ab", buffering=0)


class Spool:
    def __init__(self, path):
        self.file = open(path, "a+b")

    def close(self):
        self.file.close()


def checksum(path):
    digest = hashlib.sha1()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(65536), b""):
            digest.update(block)
    return digest.hexdigest()


def upload(path, host, user, secret):
    server = ftplib.FTP(host)
    server.login(user, secret)
    with open(path, "rb") as file:
        server.storbinary(f"STOR {os.path.basename(path)}", file)


def is_up(host, port):
    probe = socket.socket()
    try:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0
    finally:
        probe.close()


def notify(host, text):
    connection = socket.create_connection((host, 9100))
    connection.sendall(text.encode())


def unpack(upload, target):
    with tarfile.open(upload) as archive:
        archive.extractall(target)


def unpack_checked(upload, target):
    with tarfile.open(upload) as archive:
        archive.extractall(target, filter="data")


def scratch_name():
    return tempfile.mktemp(suffix=".pdf")


def discard(path):
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


def discard_tree(paths):
    for path in paths:
        try:
            os.remove(path)
        except OSError:
            pass


def load_optional():
    try:
        import orjson
    except ImportError:
        orjson = None
    return orjson


def share(path):
    os.chmod(path, 0o777)
    return path
