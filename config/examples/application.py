#!/usr/bin/env python3
"""A small web application with a login of its own that leaves the second factor to Pulih.

It is a model to read and to take from. It keeps users, passwords and sessions itself; after the password it asks Pulih
whether a code is due and whether it is right (man pulih-applications), and Pulih tells it by webhooks what happens to
second factors meanwhile (man pulih-webhooks). It needs Python 3.11 or later and nothing else.

    echo 'budi,budi@example.org,penyedia,PASSWORD' | python3 application.py import
    python3 application.py serve

Left out, since your framework has them: limits to wrong passwords and to reset requests from one address.
"""

import argparse
import base64
import csv
import hashlib
import hmac
import html
import http.client
import http.server
import json
import re
import secrets
import sqlite3
import sys
import time
import traceback
import urllib.parse
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How long a session lasts: after the password alone, and after all that is due.
SESSION_SECONDS = {"code": 600, "inside": 8 * 3600}
WEBHOOK_TOLERANCE = 300  # seconds that a webhook's time may be off
MOST_BYTES = 65_536  # of any body
USER_TYPES = {"penyedia": "Penyedia", "non-penyedia": "Non Penyedia"}


@dataclass(frozen=True)
class Settings:
    api: str
    key_file: Path
    webhook_secret_file: Path
    database: Path
    listen: str
    behind_tls: bool


# --- The application's own data

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
    user_id TEXT PRIMARY KEY COLLATE NOCASE, email TEXT NOT NULL, user_type TEXT NOT NULL, password_hash TEXT NOT NULL,
    has_totp INTEGER NOT NULL,        -- what pages show; at login Pulih itself is asked
    totp_at TEXT NOT NULL DEFAULT ''  -- the time of the event that said so
);
CREATE TABLE IF NOT EXISTS session (
    token_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL COLLATE NOCASE,
    stage TEXT NOT NULL,              -- 'code' while a code is awaited, then 'inside'
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS received_webhook (webhook_id TEXT PRIMARY KEY, received_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    user_id TEXT NOT NULL COLLATE NOCASE, at TEXT NOT NULL, type TEXT NOT NULL, webhook_id TEXT NOT NULL
);
"""


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    connection.row_factory = sqlite3.Row
    # A webhook that was answered with 204 does not come again: by then it has to be on the disk.
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    return connection


def hash_password(password: str, salt: bytes | None = None) -> str:
    salt = salt or secrets.token_bytes(16)
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=5)
    return f"{salt.hex()}${key.hex()}"


# Unknown users are checked against this, so that the time of an answer does not tell who has an account.
NOBODY = hash_password(secrets.token_hex())


def is_password(password: str, stored: str) -> bool:
    return hmac.compare_digest(hash_password(password, bytes.fromhex(stored.split("$")[0])), stored)


def token_hash(token: str) -> bytes:
    """What the database keeps of a session: who reads it cannot log in with it."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(token: str) -> str:
    """Only who knows the cookie can make it, and no page of somebody else does."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


# --- Pulih, asked


class Unavailable(Exception):
    """Pulih gave no answer to go by. Whoever catches this lets nobody in."""


class Pulih:
    def __init__(self, settings: Settings) -> None:
        self.url = urllib.parse.urlsplit(settings.api)
        self.key_file = settings.key_file

    def user(self, user_id: str) -> dict[str, Any]:
        # Pulih knows all our users from `import` on: if not, something is wrong, and no reason to skip the code.
        return self._expect(self._call("GET", f"/v1/users/{quote(user_id)}"), 200)

    def put_user(self, user_id: str, email: str, user_type: str) -> dict[str, Any]:
        body = {"email": email, "user_type": user_type}
        return self._expect(self._call("PUT", f"/v1/users/{quote(user_id)}", body), 200, 201)

    def verify(self, user_id: str, code: str, address: str) -> dict[str, Any]:
        # Sent as typed: Pulih understands spaces, hyphens and the digits of other scripts.
        body = {"code": code[:64], "address": address}
        status, answer = self._call("POST", f"/v1/users/{quote(user_id)}/verify", body)
        return {"result": "malformed"} if status == 422 else self._expect((status, answer), 200)

    def enroll(self, user_id: str, address: str) -> dict[str, Any] | None:
        """A secret to show; None when one is in use."""
        status, answer = self._call("POST", f"/v1/users/{quote(user_id)}/enrollment", {"address": address})
        if status == 409 and answer.get("type") == "urn:pulih:problem:totp-active":
            return None
        return self._expect((status, answer), 200, 201)

    def request_reset(self, data: dict[str, str], key: str) -> None:
        # Refused fields (422) are answered as everything else is: what does not match is not for the person to learn.
        self._expect(self._call("POST", "/v1/reset-requests", data, key), 202, 422)

    @staticmethod
    def _expect(answer: tuple[int, dict[str, Any]], *wanted: int) -> dict[str, Any]:
        if answer[0] not in wanted:
            raise Unavailable(f"HTTP {answer[0]}: {answer[1].get('detail', '')}")
        return answer[1]

    def _call(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Sends once more when no answer comes, under the same Idempotency-Key, so that it has one effect: a code that
        was accepted, but whose answer was lost, is accepted again and not refused as used."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key_file.read_text().strip()}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or secrets.token_urlsafe(16)
        content = None if body is None else json.dumps(body).encode()
        for is_last in (False, True):
            try:
                return self._exchange(method, path, content, headers)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if is_last:
                    raise Unavailable(f"no answer: {error}") from error
        raise AssertionError("the last attempt returns or raises")

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        secure = self.url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        with closing(kind(self.url.hostname or "", self.url.port, timeout=5)) as connection:
            connection.request(method, self.url.path.rstrip("/") + path, content, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())


def quote(user_id: str) -> str:
    return urllib.parse.quote(user_id, safe="")


def sentence(answer: dict[str, Any]) -> str:
    """What to tell the person whose code was not accepted."""
    after, off = answer.get("retry_after"), answer.get("clock_off_seconds")
    match answer["result"]:
        case "wrong" if off:
            return f"Kode salah: jam ponsel Anda berselisih {abs(off)} detik. Atur jamnya ke otomatis."
        case "wrong":
            return "Kode salah. Masukkan kode yang sekarang tampil di aplikasi 2FA."
        case "replayed":
            return f"Kode ini sudah dipakai. Tunggu kode berikutnya{f', {after} detik lagi' if after else ''}."
        case "malformed":
            return "Masukkan semua angka kode seperti yang tampil di aplikasi 2FA."
        case "wait":
            return f"Terlalu banyak kode salah. Coba lagi {after} detik lagi."
        case "stopped":
            return "Terlalu banyak kode salah. Kode tidak diperiksa lagi: gunakan “Reset TOTP?”."
        case "not-active":
            return "TOTP akun ini tidak aktif lagi. Silakan login kembali."
        case _:
            return "Kode tidak diterima."  # a result that is newer than this program


# --- Pulih, telling


def is_genuine(secret_file: Path, headers: Any, body: bytes, now: float) -> bool:
    """Whether a webhook comes from Pulih and is not an old one sent again, after Standard Webhooks.

    The file holds one secret a line, two during a rotation; so may the message hold two signatures."""
    webhook_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not re.fullmatch(r"[0-9]{1,12}", sent_at) or abs(now - int(sent_at)) > WEBHOOK_TOLERANCE:
        return False
    signed = f"{webhook_id}.{sent_at}.".encode() + body
    keys = [base64.b64decode(line.removeprefix("whsec_")) for line in secret_file.read_text().split()]
    good = [b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    given = [text.encode() for text in headers.get("webhook-signature", "").split()]
    return any(hmac.compare_digest(one, other) for one in good for other in given)


HAS_TOTP = {"totp.activated": True, "totp.reset": False, "totp.disabled": False}
HISTORY = {"totp.activated": "TOTP diaktifkan", "totp.reset": "TOTP di-reset", "totp.disabled": "TOTP dinonaktifkan"}


def apply_webhook(connection: sqlite3.Connection, webhook_id: str, event: dict[str, Any]) -> bool:
    """Applies an event once, however often it comes: its id is kept in the transaction of its effect, so that a crash
    keeps either both or neither. Returns False for one that was applied before."""
    kind, at, user_id = event["type"], event["timestamp"], event["data"]["user_id"]
    with connection:  # commits at its end, or rolls back
        connection.execute("BEGIN IMMEDIATE")
        added = connection.execute(
            "INSERT INTO received_webhook VALUES (?, ?) ON CONFLICT DO NOTHING", (webhook_id, time.time())
        ).rowcount
        if added and kind in HAS_TOTP:
            connection.execute("INSERT INTO history VALUES (?, ?, ?, ?)", (user_id, at, kind, webhook_id))
            # Events come about in order, not exactly: an older one changes nothing that a newer one has said.
            is_newest = connection.execute(
                "UPDATE user SET has_totp = ?1, totp_at = ?2 WHERE user_id = ?3 AND totp_at <= ?2",
                (HAS_TOTP[kind], at, user_id),
            ).rowcount
            if is_newest and not HAS_TOTP[kind]:
                # Who came in with the old phone is out, as in Pulih itself.
                connection.execute("DELETE FROM session WHERE user_id = ?", (user_id,))
        # Pulih sends none again that is older than this.
        connection.execute("DELETE FROM received_webhook WHERE received_at < ?", (time.time() - 30 * 86_400,))
    return added > 0


# --- Pages

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #111; --accent: #0b57a4; --alarm: #b3261e; --edge: #667; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --ink: #eee; --accent: #8ec5ff; --alarm: #ffb4ab; --edge: #99a; }
}
body { color: var(--ink); background: var(--page); font: 1.05rem/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
header { font-weight: 600; padding-bottom: .75rem; border-bottom: 1px solid var(--edge); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.5rem 0 1rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
label { display: block; margin-top: 1rem; }
input, select, button { font: inherit; width: 100%; box-sizing: border-box; padding: .7rem; border-radius: .4rem; }
input, select { border: 1px solid var(--edge); }
button { margin-top: 1.25rem; border: 0; color: var(--page); background: var(--accent); font-weight: 600; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=alert] { border-left: .3rem solid var(--alarm); padding: .25rem .75rem; }
.qr { max-width: 17rem; margin: 0 auto; }
.qr svg { display: block; width: 100%; height: auto; }
code { overflow-wrap: anywhere; letter-spacing: .05em; }
"""


def page(title: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)} – e-Katalog</title><link rel="stylesheet" href="/style.css"></head>
<body><header>e-Katalog</header><main><h1>{html.escape(title)}</h1>{body}</main></body></html>"""


def field(label: str, name: str, value: str = "", kind: str = "text", extra: str = "") -> str:
    return (
        f'<label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{html.escape(value)}" required'
        f' aria-describedby="problem" {extra}>'
    )


def moment(rfc3339: str) -> str:
    return html.escape(rfc3339[:16].replace("T", " ") + " UTC")


def alert(text: str) -> str:
    return f'<p role="alert" id="problem">{html.escape(text)}</p>' if text else ""


CODE_FIELD = field("Kode TOTP", "code", extra='inputmode="numeric" autocomplete="one-time-code"')
RESET_LINK = '<p><a href="/reset">Reset TOTP?</a></p>'
HOME_LINK = '<p><a href="/">Ke Beranda</a></p>'
USER_ID, EMAIL = 'autocomplete="username" maxlength="200"', 'autocomplete="email" maxlength="254"'


class Handler(http.server.BaseHTTPRequestHandler):
    """One request, in a thread of its own."""

    settings: Settings
    pulih: Pulih
    token: str  # what the browser's cookie holds
    user_id: str  # who has a session under it
    fields: dict[str, str]  # the form that was sent
    timeout = 30
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "e-Katalog", ""

    # What people see

    def home(self) -> None:
        user = self.rows("SELECT * FROM user WHERE user_id = ?", self.user_id)[0]
        rows = self.rows("SELECT * FROM history WHERE user_id = ? ORDER BY at DESC LIMIT 10", self.user_id)
        items = "".join(f"<li>{HISTORY[row['type']]}<br><small>{moment(row['at'])}</small></li>" for row in rows)
        state = "TOTP aktif" if user["has_totp"] else "TOTP belum aktif"
        body = f'<p>Anda masuk sebagai <b>{html.escape(user["user_id"])}</b>.</p><p id="totp">{state}.</p>'
        body += "" if user["has_totp"] else self.form("/totp/enable", "", "ENABLE TOTP")
        body += self.form("/logout", "", "LOGOUT")
        self.show("Beranda", body + (f"<h2>Riwayat keamanan</h2><ul>{items}</ul>" if items else ""))

    def login(self, problem: str = "") -> None:
        fields = field("User ID", "user_id", self.fields.get("user_id", ""), extra=USER_ID)
        fields += field("Password", "password", "", "password", 'autocomplete="current-password" maxlength="200"')
        self.show("Login", alert(problem) + self.form("/login", fields, "Login") + RESET_LINK, 422 if problem else 200)

    def check_password(self) -> None:
        found = self.rows("SELECT * FROM user WHERE user_id = ?", self.fields.get("user_id", "").strip())
        stored = found[0]["password_hash"] if found else NOBODY
        if not is_password(self.fields.get("password", ""), stored) or not found:
            return self.login("User ID atau password salah.")
        user_id = found[0]["user_id"]
        known = self.pulih.user(user_id)
        if not known["active"]:
            return self.login("Akun ini dinonaktifkan. Hubungi helpdesk.")
        self.begin_session(user_id, "code" if known["totp"] == "active" and known["totp_required"] else "inside")

    def code(self, problem: str = "") -> None:
        body = alert(problem) + self.form("/login/code", CODE_FIELD, "Login") + RESET_LINK
        self.show("Kode TOTP", body, 422 if problem else 200)

    def check_code(self) -> None:
        answer = self.pulih.verify(self.user_id, self.fields.get("code", ""), self.address)
        if answer["result"] != "accepted":
            return self.code(sentence(answer))
        self.begin_session(self.user_id, "inside")

    def enable(self, problem: str = "") -> None:
        secret = self.pulih.enroll(self.user_id, self.address)
        if secret is None:
            return self.show("TOTP sudah aktif", HOME_LINK, 409)
        body = "<p>Pindai QR code dengan aplikasi 2FA, lalu masukkan kode yang tampil.</p>"
        key = " ".join(re.findall(".{1,4}", secret["secret"]))
        body += f'<div class="qr">{secret["qr_svg"]}</div><p>Atau ketik kunci ini:<br><code>{key}</code></p>'
        form = self.form("/totp/activate", CODE_FIELD, "Aktifkan")
        self.show("Aktifkan TOTP", alert(problem) + body + form, 422 if problem else 200)

    def activate(self) -> None:
        answer = self.pulih.verify(self.user_id, self.fields.get("code", ""), self.address)
        if answer["result"] != "accepted":
            # The secret stays the same until its first right code: what was scanned is shown again.
            return self.enable(sentence(answer))
        self.show("TOTP telah aktif", "<p>Login berikutnya meminta kode.</p>" + HOME_LINK)

    def reset(self) -> None:
        options = "".join(f'<option value="{key}">{label}</option>' for key, label in USER_TYPES.items())
        fields = field("User ID", "user_id", extra=USER_ID) + field("Email", "email", "", "email", EMAIL)
        fields += f'<label for="user_type">Tipe User</label><select id="user_type" name="user_type">{options}</select>'
        fields += f'<input type="hidden" name="form" value="{secrets.token_urlsafe(16)}">'
        self.show("Reset TOTP", self.form("/reset", fields, "Kirim"))

    def ask_reset(self) -> None:
        data = {name: self.fields.get(name, "") for name in ("user_id", "email", "user_type")}
        # A form that is sent twice asks once; one that is corrected asks anew.
        key = hashlib.sha256(json.dumps([self.fields.get("form"), data]).encode()).hexdigest()
        self.pulih.request_reset(data | {"address": self.address, "language": "id"}, key)
        text = "Jika data Anda cocok, sebuah tautan dikirim ke email yang terdaftar. Bukalah untuk me-reset TOTP."
        self.show("Periksa email Anda", f'<p>{text}</p><p><a href="/login">Ke Login</a></p>')

    # What Pulih sends

    def webhook(self, body: bytes) -> None:
        if not is_genuine(self.settings.webhook_secret_file, self.headers, body, time.time()):
            return self.send(401, "text/plain", "The signature or the time is wrong.\n")
        with closing(connect(self.settings.database)) as connection:
            is_new = apply_webhook(connection, self.headers["webhook-id"], json.loads(body))
        self.log_message("webhook %s %s", self.headers["webhook-id"], "applied" if is_new else "was applied before")
        self.send(204)

    # Sessions and rows

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with closing(connect(self.settings.database)) as connection:
            return connection.execute(query, values).fetchall()

    def begin_session(self, user_id: str, stage: str) -> None:
        """Under a new token at each stage: one that was planted in the browser, or seen before, is worth nothing."""
        self.end_session()
        values = (token_hash(self.token), user_id, stage, time.time() + SESSION_SECONDS[stage])
        self.rows("INSERT INTO session VALUES (?, ?, ?, ?)", *values)
        self.send(303, location=ENTRANCE[stage])

    def end_session(self) -> None:
        self.rows("DELETE FROM session WHERE token_hash = ? OR expires_at < ?", token_hash(self.token), time.time())
        self.token = secrets.token_urlsafe(32)

    def log_out(self) -> None:
        self.end_session()
        self.send(303, location=ENTRANCE[None])

    # HTTP

    def answer(self) -> None:
        self.fields = {}
        cookie = re.search(rf"(?:^|; ){self.cookie}=([\w-]{{43}})(?:;|$)", self.headers.get("Cookie", ""), re.ASCII)
        self.token = cookie[1] if cookie else secrets.token_urlsafe(32)
        try:
            self.route(self.path.split("?")[0])
        except Unavailable as error:
            # Whether a code is due, and whether it is right, only Pulih knows: without it nobody comes in.
            self.log_message("Pulih is unavailable: %s", error)
            text = "Verifikasi sedang tidak tersedia, sehingga Anda belum dapat melanjutkan. Coba lagi sebentar lagi."
            self.show("Layanan tidak tersedia", alert(text) + '<p><a href="/login">Ke Login</a></p>', 503)
        except Exception:
            self.log_message("%s", traceback.format_exc())
            self.show("Terjadi kesalahan", HOME_LINK, 500)

    do_GET = do_POST = answer

    def route(self, path: str) -> None:
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > MOST_BYTES:
            return self.send(413, "text/plain", "Too large.\n")
        body = self.rfile.read(int(length))
        if (self.command, path) == ("POST", "/webhooks/pulih"):
            return self.webhook(body)
        if path == "/style.css":
            return self.send(200, "text/css", STYLE)
        if (self.command, path) not in ROUTES:
            return self.show("Halaman tidak ditemukan", HOME_LINK, 404)
        if self.command == "POST" and not self.read_form(body):
            return self.show("Formulir kedaluwarsa", '<p><a href="/">Muat ulang</a>, lalu coba lagi.</p>', 403)
        stages, show = ROUTES[self.command, path]
        query = "SELECT user_id, stage FROM session WHERE token_hash = ? AND expires_at > ?"
        session = self.rows(query, token_hash(self.token), time.time())
        self.user_id, stage = session[0] if session else ("", None)
        if stage not in stages:
            return self.send(303, location=ENTRANCE[stage])
        show(self)

    def read_form(self, body: bytes) -> bool:
        self.fields = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
        return hmac.compare_digest(self.fields.get("csrf", "").encode(), csrf_of(self.token).encode())

    @property
    def cookie(self) -> str:
        return "__Host-session" if self.settings.behind_tls else "session"

    @property
    def address(self) -> str:
        """The person's, which Pulih writes into mails and its audit log. A proxy puts it last."""
        forwarded = self.headers.get("X-Forwarded-For", "") if self.settings.behind_tls else ""
        return (forwarded.split(",")[-1].strip() or self.client_address[0]).split("%")[0]

    def form(self, action: str, fields: str, button: str) -> str:
        csrf = f'<input type="hidden" name="csrf" value="{csrf_of(self.token)}">'
        return f'<form method="post" action="{action}">{csrf}{fields}<button>{button}</button></form>'

    def show(self, title: str, body: str, status: int = 200) -> None:
        self.send(status, "text/html", page(title, body))

    def send(self, status: int, kind: str = "", body: str = "", location: str = "") -> None:
        policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        headers["Connection"] = "close"
        if kind:
            headers |= {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body.encode()))}
        if location:
            headers |= {"Location": location, "Content-Length": "0"}
        if kind == "text/html" or location:
            secure = "; Secure" if self.settings.behind_tls else ""
            headers["Set-Cookie"] = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Lax{secure}"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())


# Where who has come so far is sent, and what is open to whom.
ENTRANCE: dict[str | None, str] = {None: "/login", "code": "/login/code", "inside": "/"}
ROUTES: dict[tuple[str, str], tuple[set[str | None], Callable[[Handler], None]]] = {
    ("GET", "/login"): ({None, "code"}, Handler.login),
    ("POST", "/login"): ({None, "code"}, Handler.check_password),
    ("GET", "/login/code"): ({"code"}, Handler.code),
    ("POST", "/login/code"): ({"code"}, Handler.check_code),
    ("GET", "/"): ({"inside"}, Handler.home),
    ("POST", "/totp/enable"): ({"inside"}, Handler.enable),
    ("POST", "/totp/activate"): ({"inside"}, Handler.activate),
    ("POST", "/logout"): ({"code", "inside"}, Handler.log_out),
    ("GET", "/reset"): ({None, "code", "inside"}, Handler.reset),
    ("POST", "/reset"): ({None, "code", "inside"}, Handler.ask_reset),
}


# --- Commands


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def serve(settings: Settings) -> None:
    Handler.settings, Handler.pulih = settings, Pulih(settings)
    host, _, port = settings.listen.rpartition(":")
    with Server((host, int(port)), Handler) as server:
        print(f"e-Katalog listens on http://{settings.listen}/", flush=True)
        server.serve_forever()


def import_users(settings: Settings) -> None:
    """Takes user_id,email,user_type,password a line from standard input, and makes each known to Pulih."""
    pulih = Pulih(settings)
    query = """INSERT INTO user (user_id, email, user_type, password_hash, has_totp) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET email = ?2, user_type = ?3, password_hash = ?4"""
    with closing(connect(settings.database)) as connection:
        for user_id, email, user_type, password in csv.reader(sys.stdin):
            known = pulih.put_user(user_id, email, user_type)
            has_totp = known["totp"] == "active"
            connection.execute(query, (user_id, email, user_type, hash_password(password), has_totp))


def main() -> None:
    parser = argparse.ArgumentParser(description="An example of an application beside Pulih.")
    parser.add_argument("command", choices=["serve", "import"])
    parser.add_argument("--api", default="http://127.0.0.1:8082", help="where Pulih's api.listen is")
    parser.add_argument("--key-file", type=Path, default="application.key", help="holds a key for the API")
    parser.add_argument("--webhook-secret-file", type=Path, default="application.secret", help="one whsec_… a line")
    parser.add_argument("--database", type=Path, default="application.db")
    parser.add_argument("--listen", default="127.0.0.1:8083")
    parser.add_argument("--behind-tls", action="store_true", help="a proxy ends TLS and adds X-Forwarded-For")
    given = vars(parser.parse_args())
    run = {"serve": serve, "import": import_users}[given.pop("command")]
    settings = Settings(**given)
    with closing(connect(settings.database)) as connection:
        connection.executescript(SCHEMA)
    try:
        run(settings)
    except Unavailable as error:
        sys.exit(f"Pulih: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
