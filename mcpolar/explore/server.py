"""A server of the explorer's page for the browser of this machine, and for nobody else.

It is Python's own: two addresses, no files, no forms. It listens on 127.0.0.1, answers GET alone, and only where the
Host header names it: a page of another site whose name was made to point here (DNS rebinding) is refused, and so is a
request that the browser marks as another site's. Nothing that is asked for reaches a shell or a file.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from mcpolar.errors import InputError, McpolarError
from mcpolar.explore.certified import Calculator, Superseded
from mcpolar.explore.page import page

HOST = "127.0.0.1"
LONGEST = 2000
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class ExplorerServer(ThreadingHTTPServer):
    """The server: bound to a port when made; `serve_forever` answers.

    Parameters
    ----------
    port : int
        0: any that is free.

    Raises
    ------
    OSError
        If the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0, calculator: Calculator | None = None) -> None:
        self.calculator = calculator or Calculator()
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_address[1]}/"

    @property
    def hosts(self) -> set[str]:
        """What the Host header may say."""
        return {f"{name}:{self.server_address[1]}" for name in (HOST, "localhost")}

    def server_close(self) -> None:
        """Close the port and end what is being computed."""
        self.calculator.close()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: ExplorerServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "mcpolar", ""
    timeout = 30  # a connection that says nothing is closed
    policy: ClassVar[str] = "default-src 'none'; frame-ancestors 'none'"

    def do_GET(self) -> None:
        status, kind, text = self._answer()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if kind != "text/html":  # the page has its own, with the hashes of its scripts
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> tuple[int, str, str]:
        if self.headers.get_all("Host") not in [[host] for host in self.server.hosts]:
            return 421, "text/plain", f"this server answers {self.server.address} only\n"
        url = urlsplit(self.path)
        if url.path == "/":
            return 200, "text/html", page(is_served=True)
        if url.path != "/api/bound":
            return 404, "text/plain", "not found\n"
        if self.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return 403, "text/plain", "not for other sites\n"
        status, record = self._bound(url.query)
        return status, "application/json", json.dumps(record, allow_nan=False)

    def _bound(self, query: str) -> tuple[int, dict[str, Any]]:
        if len(query) > LONGEST:
            return 414, {"error": "the question is too long"}
        try:
            return 200, self.server.calculator.bound(dict(parse_qsl(query)))
        except InputError as error:
            return 400, {"error": str(error)}
        except Superseded:
            return 409, {"error": "another question came"}
        except (McpolarError, OSError) as error:
            return 503, {"error": str(error)}

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def handle(self) -> None:
        """Answer, until the browser hangs up."""
        try:
            super().handle()
        except (TimeoutError, ConnectionError):
            self.close_connection = True
