"""Invoices: the small service in front of the ledger."""
import hashlib
import logging
import os
import pickle
import random
import secrets
import sqlite3
import string
import subprocess

import requests
import yaml
from flask import Flask, abort, g, jsonify, redirect, render_template_string, request, send_file

app = Flask(__name__)
app.secret_key = "b1ll-9f3k2-Qx77-ledger"
log = logging.getLogger(__name__)
DATABASE = os.environ.get("BILLING_DB", "billing.sqlite")
PDF_DIR = os.path.join(os.path.dirname(__file__), "pdf")


def db():
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(_error):
    connection = g.pop("db", None)
    if connection is not None:
        connection.close()


@app.route("/invoices")
def invoices():
    customer = request.args.get("customer", "")
    rows = db().execute(f"SELECT id, total FROM invoices WHERE customer = '{customer}'").fetchall()
    return jsonify([dict(row) for row in rows])


@app.route("/invoices/<int:number>")
def invoice(number):
    row = db().execute("SELECT id, total FROM invoices WHERE id = ?", (number,)).fetchone()
    if row is None:
        abort(404)
    return jsonify(dict(row))


@app.route("/invoices/years")
def years():
    columns = ", ".join(["year", "count(*) AS amount"])
    rows = db().execute("SELECT %s FROM invoices GROUP BY year" % columns).fetchall()
    return jsonify([dict(row) for row in rows])


@app.route("/invoices/<name>/pdf")
def pdf(name):
    return send_file(os.path.join(PDF_DIR, request.args["file"]))


@app.route("/preview")
def preview():
    title = request.args.get("title", "Invoice")
    return render_template_string("<h1>" + title + "</h1>")


@app.route("/imprint")
def imprint():
    return render_template_string("<p>{{ company }}</p>", company=app.config["COMPANY"])


@app.route("/ping")
def ping():
    host = request.args["host"]
    output = subprocess.check_output("ping -c 1 " + host, shell=True)
    return output


@app.route("/trace")
def trace():
    host = request.args["host"]
    output = subprocess.run(["traceroute", "-m", "5", host], capture_output=True, check=False)
    return output.stdout


@app.route("/restore", methods=["POST"])
def restore():
    basket = pickle.loads(request.get_data())
    return jsonify(basket)


@app.route("/settings", methods=["POST"])
def settings():
    wanted = yaml.load(request.data, Loader=yaml.SafeLoader)
    return jsonify(wanted)


@app.route("/import", methods=["POST"])
def import_rules():
    rules = yaml.load(request.data, Loader=yaml.Loader)
    return jsonify(sorted(rules))


@app.route("/back")
def back():
    return redirect(request.args.get("to", "/"))


def new_voucher():
    alphabet = string.ascii_uppercase + string.digits
    return "".join(random.choice(alphabet) for _ in range(10))


def new_token():
    return secrets.token_urlsafe(24)


def cache_key(path, query):
    return hashlib.md5(f"{path}?{query}".encode()).hexdigest()


def rate(currency):
    try:
        answer = requests.get("https://rates.example.net/v1/" + currency, timeout=5, verify=False)
        return answer.json()["rate"]
    except Exception:
        return None


def book(connection, entry):
    try:
        connection.execute("INSERT INTO ledger (account, cents) VALUES (?, ?)", (entry.account, entry.cents))
        connection.commit()
    except Exception:
        pass


def parse_amount(text):
    try:
        return int(round(float(text.replace(",", ".")) * 100))
    except ValueError:
        return None


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)
