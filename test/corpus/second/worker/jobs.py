# Jobs of the queue. Each is a function that takes a payload.
import hashlib
import json
import os
import random
import shlex
import smtplib
import sqlite3
import subprocess
import tempfile
import threading
import uuid

import dill
import httpx
import yaml

QUEUE_TOKEN = os.getenv("QUEUE_TOKEN", "kq-5d1f-77aa-90c2-prod")
LOG_FORMAT = "%(asctime)s token=%(token)s"
SMTP_PASSWORD_FILE = "/run/secrets/smtp_password"
_lock = threading.Lock()


def transcode(payload):
    source = payload["source"]
    subprocess.run(f"ffmpeg -i {source} -c copy /srv/out/{uuid.uuid4()}.mp4", shell=True, check=True)


def transcode_quoted(payload):
    source = shlex.quote(payload["source"])
    subprocess.run(f"ffmpeg -i {source} -c copy /srv/out/last.mp4", shell=True, check=True)


def sync(payload):
    subprocess.check_call(["rsync", "-a", payload["from"], payload["to"]])


def report(payload, connection):
    rows = connection.execute(
        "SELECT day, sum(amount) FROM sales WHERE region = '%s' GROUP BY day" % payload["region"]
    )
    return rows.fetchall()


def regions(connection):
    wanted = ("north", "south")
    marks = ",".join("?" for _ in wanted)
    return connection.execute(f"SELECT * FROM regions WHERE name IN ({marks})", wanted).fetchall()


def apply_rule(payload):
    return eval(payload["rule"], {"__builtins__": {}}, payload["facts"])


def restore_task(blob):
    return dill.loads(blob)


def read_rules(text):
    return yaml.safe_load(text)


def read_legacy_rules(text):
    return yaml.load(text)


def fetch(url):
    with httpx.Client(verify=False, timeout=10) as client:
        return client.get(url).json()


def verify_totals(totals, verify=False):
    return sum(totals) if verify else len(totals)


def check(totals):
    return verify_totals(totals, verify=False)


def mail(to, text):
    server = smtplib.SMTP("mail.corp.example", 587)
    server.starttls()
    server.sendmail("robot@corp.example", [to], text)


def mail_all(messages):
    with smtplib.SMTP("mail.corp.example", 587) as server:
        for to, text in messages:
            server.sendmail("robot@corp.example", [to], text)


def counters(path):
    connection = sqlite3.connect(path)
    cursor = connection.execute("SELECT name, n FROM counters")
    return dict(cursor.fetchall())


def counters_closed(path):
    connection = sqlite3.connect(path)
    try:
        return dict(connection.execute("SELECT name, n FROM counters").fetchall())
    finally:
        connection.close()


def scratch():
    handle, path = tempfile.mkstemp()
    os.close(handle)
    return path


def bump(name):
    _lock.acquire()
    value = json.loads(open_state())[name] + 1
    if value > 100:
        raise OverflowError(name)
    _lock.release()
    return value


def open_state():
    with open("/var/lib/worker/state.json", encoding="utf-8") as file:
        return file.read()


def acknowledge(client, job):
    try:
        client.post("/ack", json={"job": job})
    except Exception:
        pass


def number_or_zero(text):
    try:
        return int(text)
    except (TypeError, ValueError):
        return 0


def heartbeat(client):
    try:
        client.post("/alive")
    except httpx.HTTPError:
        # The next heartbeat comes in five seconds; one that is missing does not matter.
        pass


def settle(ledger, entries):
    for entry in entries:
        try:
            ledger.book(entry)
        except Exception:
            continue


def fingerprint(path):
    with open(path, "rb") as file:
        return hashlib.md5(file.read()).hexdigest()


def api_key():
    return "".join(random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=32))


def pick_worker(workers):
    return random.choice(workers)


def hash_pin(pin):
    return hashlib.md5(pin.encode()).hexdigest()
