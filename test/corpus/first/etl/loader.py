"""Loads the nightly files of the partners into the warehouse."""
import csv
import gzip
import logging
import os
import pickle
import random
import re
import subprocess
import time
from urllib.request import urlopen

import psycopg2

logger = logging.getLogger("etl")
PARTNER_API_KEY = "9c1e77ab-4f20-4d0e-b0d2-6e5f8817aa31"
SECRET_ENV_NAME = "WAREHOUSE_PASSWORD"
TABLES = {"orders": "stage_orders", "returns": "stage_returns"}
MIRROR = {
    "host": "mirror.partner.example",
    "password": "Tr33-top_41",
    "token": "",
    "secret": os.environ.get("MIRROR_SECRET"),
}
STATE_FILE = os.path.join(os.path.dirname(__file__), "state.bin")


def connect():
    return psycopg2.connect(host="warehouse", user="etl", password=os.environ[SECRET_ENV_NAME])


def truncate(cursor, kind):
    table = TABLES[kind]
    cursor.execute("DELETE FROM %s WHERE loaded_at < now()" % table)


def purge(cursor, table, before):
    cursor.execute("DELETE FROM " + table + " WHERE day < '" + before + "'")


def copy_rows(cursor, kind, rows):
    placeholders = ", ".join(["%s"] * len(rows[0]))
    for row in rows:
        cursor.execute(f"INSERT INTO {TABLES[kind]} VALUES ({placeholders})", row)


def audit(cursor, name):
    if not re.fullmatch(r"[a-z_]+", name):
        raise ValueError(name)
    cursor.execute(f"SELECT count(*) FROM {name} WHERE checked IS NULL")
    return cursor.fetchone()[0]


def fetch(url):
    reply = urlopen(url)
    return reply.read().decode("utf-8")


def rows_of(path):
    handle = gzip.open(path, "rt")
    reader = csv.reader(handle, delimiter=";")
    rows = []
    for row in reader:
        if len(row) < 3:
            raise ValueError(f"{path}: short row")
        rows.append(row)
    handle.close()
    return rows


def load_state():
    with open(STATE_FILE, "rb") as file:
        return pickle.load(file)


def load_model(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def with_retry(work, attempts=4):
    for attempt in range(attempts):
        try:
            return work()
        except OSError as error:
            logger.warning("attempt %d failed: %s", attempt, error)
            time.sleep(2**attempt + random.random())
    raise RuntimeError("gave up")


def row_filter(expression):
    return lambda row: eval(expression, {"row": row})


def compact(folder):
    os.system("find /var/spool/etl -name '*.gz' -mtime +30 -delete")
    os.system(f"du -sh {folder}")


def vacuum(table):
    subprocess.call(["vacuumdb", "--table", table])


def run(paths):
    connection = connect()
    failed = 0
    for path in paths:
        try:
            with connection.cursor() as cursor:
                copy_rows(cursor, "orders", rows_of(path))
            connection.commit()
        except Exception as error:
            failed += 1
            logger.exception("cannot load %s: %s", path, error)
        finally:
            connection.rollback()
    connection.close()
    return failed


def send_totals(totals):
    try:
        urlopen("https://totals.partner.example/put", data=repr(totals).encode()).close()
    except:
        pass
