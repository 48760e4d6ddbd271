"""
A library for archives.

>>> import pickle
>>> pickle.loads(data)  # never do this with data of others
"""
import hashlib
import logging
import os
import zipfile
from contextlib import closing, suppress
from urllib.request import urlopen

__all__ = ["Archive", "fetch", "safe_extract"]

PRIVATE_KEY_HEADER = "-----BEGIN PRIVATE KEY-----"
log = logging.getLogger(__name__)


class ArchiveError(Exception):
    pass


class Archive:
    """An archive on disk; use it in a `with`."""

    def __init__(self, path):
        self.path = path
        self._file = open(path, "rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def names(self):
        archive = zipfile.ZipFile(self._file)
        return archive.namelist()

    def etag(self):
        return hashlib.sha1(self._file.read()).hexdigest()

    def __del__(self):
        try:
            self._file.close()
        except Exception:
            pass


def fetch(url, target):
    """
    Loads an archive.

    Do not call os.system("wget " + url) instead.
    """
    with closing(urlopen(url)) as reply, open(target, "wb") as out:
        out.write(reply.read())


def head(url):
    return urlopen(url).info()


def extract(path, target):
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)


def safe_extract(path, target):
    root = os.path.realpath(target)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not os.path.realpath(os.path.join(root, name)).startswith(root + os.sep):
                raise ArchiveError(name)
            archive.extract(name, root)


def repack(path):
    try:
        import zlib
    except ImportError as error:
        raise ArchiveError("zlib is missing") from error
    os.system("zip -F " + path)
    return zlib.crc32(path.encode())


def open_log(path):
    with suppress(FileExistsError):
        os.mkdir(os.path.dirname(path))
    stream = open(path, "a", encoding="utf-8")
    return stream


def count_lines(paths):
    total = 0
    for path in paths:
        total += len(open(path).readlines())
    return total


def _unused_probe(path):
    return os.popen("file " + path).read()


def chmod_all(paths):
    for path in paths:
        os.chmod(path, 0o666)


def signature(data, secret):
    return hashlib.sha1(secret + data).hexdigest()


def verify_all(archives):
    broken = []
    for archive in archives:
        try:
            archive.names()
        except zipfile.BadZipFile as error:
            log.warning("%s: %s", archive.path, error)
            broken.append(archive.path)
    return broken


def index(archives, store):
    try:
        store.write({archive.path: archive.etag() for archive in archives})
    except BaseException:
        return None
