"""A server on this machine that speaks the Hub's HTTP protocol, faults included.

HEAD and GET of `/{repo}/resolve/{revision}/{file}` redirect to a "CDN" under
another host name, as the Hub does; `/api/models/{repo}/tree/{revision}` lists the
files. The real huggingface_hub client is pointed at it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40


@dataclass
class Fault:
    """What goes wrong, and how many times (-1: always).

    kind: cut (the connection closes after `after_bytes` of the body), short (a body
    without its length ends there), status (this HTTP status), corrupt (the first
    bytes are wrong), ignore-range (200 with the whole body), page (a page to log in),
    loop (a redirect to the same address), silent (never an answer), answer (200 with
    `body`), no-length (a body whose length is not told).
    where: head, cdn or api.
    """

    kind: str
    where: str = "cdn"
    times: int = 1
    after_bytes: int = 0
    status: int = 503
    error_code: str | None = None
    body: bytes = b""


@dataclass
class Request:
    method: str
    path: str
    host: str
    range: str | None
    authorization: str | None
    sent_bytes: int = 0


@dataclass
class HubServer:
    """Repositories as `{repo_id: {filename: bytes}}`, and a log of the requests."""

    repos: dict[str, dict[str, bytes]]
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    body_pause_s: float = 0.0
    #: Told instead of a file's sha256.
    linked_etag: str = ""

    def __enter__(self) -> HubServer:
        handler = type("Handler", (_Handler,), {"hub": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go down; what listens here is gone for every later request."""
        if not self._thread.is_alive():
            return
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cdn(self) -> str:
        return f"http://localhost:{self.port}/cdn"

    def sent_bytes(self) -> int:
        """Bytes of files that went out."""
        return sum(r.sent_bytes for r in self.requests if r.path.startswith("/cdn"))

    def ranges(self) -> list[str | None]:
        cdn = [r for r in self.requests if r.path.startswith("/cdn")]
        return [r.range for r in cdn if r.method == "GET"]

    def take_fault(self, where: str) -> Fault | None:
        for fault in self.faults:
            if fault.where == where and fault.times != 0:
                fault.times -= 1
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.seen = Request(
            method=self.command,
            path=path,
            host=self.headers["Host"],
            range=self.headers.get("Range"),
            authorization=self.headers.get("Authorization"),
        )
        self.hub.requests.append(self.seen)
        if path.startswith("/cdn/"):
            self._cdn(path.removeprefix("/cdn/"))
        elif path.startswith("/api/models/"):
            self._api(path.removeprefix("/api/models/"))
        else:
            self._resolve(path.strip("/"))

    def _refused(self, where: str) -> bool:
        fault = self.hub.take_fault(where)
        self.fault = fault
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "status":
            extra = {"X-Error-Code": fault.error_code} if fault.error_code else {}
            self._send(fault.status, b"", extra)
        elif fault is not None and kind in ("page", "answer"):
            page = b"<html>Log in</html>"
            self._send(200, page if kind == "page" else fault.body, {})
        elif kind == "loop":
            self._send(302, b"", {"Location": self.path})
        elif kind == "silent":
            # Reads nothing either, until who asked goes away.
            self.rfile.read(1)
            self.close_connection = True
        return kind in ("status", "page", "answer", "loop", "silent")

    def _api(self, rest: str) -> None:
        if self._refused("api"):
            return
        owner, name, *more = rest.split("/")
        files = self.hub.repos.get(f"{owner}/{name}")
        if files is None:
            self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif more[:1] == ["tree"]:
            listing = [_tree_entry(path, data) for path, data in files.items()]
            self._send(200, json.dumps(listing).encode(), _JSON)
        else:
            info = {"id": rest, "sha": COMMIT, "siblings": _siblings(files)}
            self._send(200, json.dumps(info).encode(), _JSON)

    def _resolve(self, rest: str) -> None:
        if self._refused("head"):
            return
        owner, name, verb, _revision, *file = rest.split("/")
        files = self.hub.repos.get(f"{owner}/{name}")
        filename = "/".join(file)
        if files is None or verb != "resolve":
            self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif filename not in files:
            code = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}
            self._send(404, b"", code)
        else:
            data = files[filename]
            sha256 = hashlib.sha256(data).hexdigest()
            headers = {
                "X-Repo-Commit": COMMIT,
                "X-Linked-Etag": f'"{self.hub.linked_etag or sha256}"',
                "X-Linked-Size": str(len(data)),
                "Location": f"{self.hub.cdn}/{owner}/{name}/{filename}",
            }
            self._send(302, b"", headers)

    def _cdn(self, rest: str) -> None:
        if self._refused("cdn"):
            return
        owner, name, *file = rest.split("/")
        data = self.hub.repos[f"{owner}/{name}"]["/".join(file)]
        etag = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
        fault = self.fault
        if fault is not None and fault.kind == "corrupt":
            data = b"XXXX" + data[4:]
        start = 0
        if self.seen.range and not (fault and fault.kind == "ignore-range"):
            start = int(self.seen.range.removeprefix("bytes=").split("-")[0])
            etag["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if start >= len(data):
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        self._body(206 if start else 200, data[start:], etag)

    def _body(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        fault = self.fault
        is_cut = fault is not None and fault.kind in _CUTS and self.command != "HEAD"
        if fault is None or not (is_cut or fault.kind == "no-length"):
            self.seen.sent_bytes = 0 if self.command == "HEAD" else len(data)
            self._send(status, data, headers)
            return
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if fault.kind == "cut":
            self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        if self.command == "HEAD":
            return
        self.wfile.write(data[: fault.after_bytes])
        self.seen.sent_bytes = min(fault.after_bytes, len(data))

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self._write_slowly(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    def _write_slowly(self, data: bytes) -> None:
        block_bytes = 512 * 1024 if self.hub.body_pause_s else len(data) or 1
        for start in range(0, len(data), block_bytes):
            self.wfile.write(data[start : start + block_bytes])
            time.sleep(self.hub.body_pause_s)


_CUTS = ("cut", "short")
_JSON = {"Content-Type": "application/json"}


def _tree_entry(path: str, data: bytes) -> dict[str, object]:
    sha256 = hashlib.sha256(data).hexdigest()
    lfs = {"oid": sha256, "size": len(data), "pointerSize": 134}
    return {
        "type": "file",
        "path": path,
        "oid": sha256[:40],
        "size": len(data),
        "lfs": lfs,
    }


def _siblings(files: dict[str, bytes]) -> list[dict[str, str]]:
    return [{"rfilename": path} for path in files]


def fake_gguf(size_bytes: int, *, seed: int = 0) -> bytes:
    """Bytes that begin as a GGUF file does and repeat nowhere soon."""
    block = hashlib.shake_256(str(seed).encode()).digest(1 << 16)
    body = bytearray()
    for number in range(size_bytes // len(block) + 1):
        body += number.to_bytes(8, "little") + block
    return (b"GGUF" + bytes(body))[:size_bytes]
