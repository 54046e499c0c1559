#!/usr/bin/env python3
"""A notice board that has no login of its own and stands behind Pulih's.

It is a model to read and to take from. The proxy before it asks Pulih about every request and says in headers who is
there; config/nginx/application.conf and config/caddy/application.caddy are ready for it. Pulih has to know it:

    applications: [{ id: "papan", name: "Papan", hosts: ["katalog.example.org"], publicPaths: ["/tentang"] }]

Notices stay in memory and are gone when it ends. It needs Python 3.11 or later and nothing else.

    python3 noticeboard.py --listen 127.0.0.1:9000
"""

import argparse
import base64
import hashlib
import http.server
import ipaddress
import re
import urllib.parse
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

NAME = "Papan Pengumuman"
BACK = '<p><a href="/">Kembali</a></p>'
MOST_BYTES = 16_384  # of a form
MOST_CHARACTERS = 500  # of a notice
FACTORS = {
    "password": "dengan password",
    "totp": "dengan password dan kode TOTP",
    "recovery": "dengan password dan kode pemulihan",
}

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #111; --accent: #0b57a4; --alarm: #b3261e; --edge: #667; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --ink: #eee; --accent: #8ec5ff; --alarm: #ffb4ab; --edge: #99a; }
}
body { color: var(--ink); background: var(--page); font: 1.05rem/1.5 system-ui, sans-serif; }
body { max-width: 38rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1.25rem; }
header { padding-bottom: .75rem; border-bottom: 1px solid var(--edge); }
nav { display: flex; gap: 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.5rem 0 1rem; }
textarea, button { font: inherit; width: 100%; box-sizing: border-box; padding: .7rem; border-radius: .4rem; }
textarea { color: inherit; background: inherit; border: 1px solid var(--edge); }
button { margin-top: .75rem; border: 0; color: var(--page); background: var(--accent); font-weight: 600; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=alert] { border-left: .3rem solid var(--alarm); padding: .25rem .75rem; }
article { margin-top: 1.25rem; padding: .9rem 1rem; border: 1px solid var(--edge); border-radius: .4rem; }
article p { margin: 0 0 .5rem; white-space: pre-line; overflow-wrap: anywhere; }
small { overflow-wrap: anywhere; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'"
POLICY += "; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Notice:
    text: str
    author: str
    at: datetime


# Newest first. Adding to it and copying it are one step each, so that threads need no lock.
notices: deque[Notice] = deque(maxlen=100)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request, in a thread of its own."""

    timeout = 30
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "noticeboard", ""

    def told(self, name: str) -> str:
        """What the proxy says of the visitor; empty where nobody is logged in.

        To be believed for one reason: this program listens on loopback only, where the proxy comes from, and the proxy
        sets these headers on every request, whatever the browser sent under their names."""
        return self.headers.get(name, "").encode("latin-1").decode(errors="replace")

    def board(self, text: str = "", problem: str = "") -> None:
        factor = FACTORS.get(self.told("X-Pulih-Factor"), "")
        body = f"<p>Anda masuk sebagai <b>{escape(self.told('Remote-User'))}</b> "
        body += f"({escape(self.told('Remote-Groups'))}) {factor}.</p>"
        body += f'<p role="alert" id="problem">{problem}</p>' if problem else ""
        body += '<form method="post" action="/"><label for="text">Pengumuman baru</label>'
        body += f'<textarea id="text" name="text" rows="3" maxlength="{MOST_CHARACTERS}" required'
        body += f' aria-describedby="problem">\n{escape(text)}</textarea><button>Pasang</button></form>'
        for notice in list(notices):
            body += f"<article><p>{escape(notice.text)}</p>"
            body += f"<small>{escape(notice.author)}, {notice.at:%Y-%m-%d %H:%M} UTC</small></article>"
        body += "" if notices else "<p>Belum ada pengumuman.</p>"
        self.show(NAME, body, 422 if problem else 200)

    def post(self, form: bytes) -> None:
        fields = dict(urllib.parse.parse_qsl(form.decode(errors="replace")))
        text = fields.get("text", "").replace("\r\n", "\n").strip()
        if not text or len(text) > MOST_CHARACTERS:
            return self.board(text, f"Tulis pengumuman dengan 1 sampai {MOST_CHARACTERS} karakter.")
        notices.appendleft(Notice(text, self.told("Remote-User"), datetime.now(UTC)))
        self.send(303, location="/")

    def about(self) -> None:
        body = "<p>Di sini semua yang masuk dapat membaca dan memasang pengumuman. Halaman ini terbuka untuk umum.</p>"
        body += '<p lang="en">Everybody who is logged in can read and post notices here. This page is open to all.</p>'
        self.show("Tentang papan ini", body + '<p><a href="/">Ke papan pengumuman</a></p>')

    def is_own_form(self) -> bool:
        """Whether a form comes from a page of this host: other hosts of the same site send the login's cookie too."""
        site, host = self.headers.get("Sec-Fetch-Site"), self.headers.get("Host")
        own = {f"http://{host}", f"https://{host}"}
        return site == "same-origin" if site else self.headers.get("Origin") in own

    def answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > MOST_BYTES:
            return self.show("Terlalu besar", BACK, 413)
        form = self.rfile.read(int(length))
        match self.command, self.path.split("?")[0]:
            case "GET", "/tentang":
                self.about()
            case _ if not self.told("Remote-User"):
                # The proxy lets nobody come here so: it is missing, or takes this path for a public one.
                self.show("Papan ini hanya dapat dibuka lewat Pulih", "", 403)
            case "GET", "/":
                self.board()
            case "POST", "/" if self.is_own_form():
                self.post(form)
            case "POST", "/":
                self.show("Formulir ini bukan dari papan pengumuman", BACK, 403)
            case _:
                self.show("Halaman tidak ditemukan", BACK, 404)

    do_GET = do_POST = answer

    def show(self, title: str, body: str, status: int = 200) -> None:
        links = '<a href="/tentang">Tentang</a>'
        # Pulih's own page, which the proxy serves on this very host.
        links += ' <a href="/.pulih/logout">Keluar</a>' if self.told("Remote-User") else ""
        whole = title if title == NAME else f"{title} – {NAME}"
        page = f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{whole}</title><style>{STYLE}</style></head>
<body><header><b>{NAME}</b><nav>{links}</nav></header><main><h1>{title}</h1>{body}</main></body></html>"""
        self.send(status, page)

    def send(self, status: int, page: str = "", location: str = "") -> None:
        body = page.encode()
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        headers |= {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
        headers |= {"Location": location} if location else {}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def loopback(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError("who reaches it can claim to be anybody: it may listen on loopback only")
    return host, int(port)


def main() -> None:
    parser = argparse.ArgumentParser(description="An example of an application behind Pulih.")
    parser.add_argument("--listen", type=loopback, default="127.0.0.1:9000")
    address = parser.parse_args().listen
    with Server(address, Handler) as server:
        print(f"{NAME} listens on http://{address[0]}:{address[1]}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
