"""Serve HTTP on the loopback interface, with or without TLS, and fail on demand."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultKind(Enum):
    """What goes wrong with an answer."""

    RESET = "the connection is reset before the answer"
    TRUNCATED = "the connection closes after half of the body"
    SERVER_ERROR = "the status is 500"
    SLOW = "the answer comes late"
    TRICKLING = "the body comes byte by byte"
    WRONG_BYTES = "the body has the right length and another content"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault; `seconds` is how late a slow answer comes, or each byte of a trickling one."""

    kind: FaultKind
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as it came in; the headers that a client did not send are None."""

    method: str
    path: str
    host: str | None
    authorization: str | None = None
    accept: str | None = field(default=None, repr=False)
    byte_range: str | None = None
    user_agent: str | None = field(default=None, repr=False)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer, and what is to go wrong with it."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


class LoopbackServer(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1, one thread a connection.

    `latency` is the seconds that a round trip takes, as if the server were far away.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, answer: Callable[[Request], Response], *, context: ssl.SSLContext | None) -> None:
        """Bind; `context` switches TLS on."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.context = context
        self.latency = 0.0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self.thread.start()

    def stop(self) -> None:
        """End the thread and close the port."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self.thread.join()

    def finish_request(self, request: Any, client_address: Any) -> None:  # Any: as in socketserver
        """Shake hands in the connection's own thread, so that one client cannot hold up the others."""
        # opening a connection takes a round trip, and agreeing on keys another one
        self.stopping.wait((1 if self.context is None else 2) * self.latency)
        if self.context is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(Handler.timeout)
        with self.context.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # Any: as in socketserver
        """Say nothing: a client that goes away, or refuses the certificate, is what tests are about."""


class Handler(BaseHTTPRequestHandler):
    """Reads requests and writes answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: LoopbackServer

    def respond(self) -> None:
        """Answer one request."""
        request = self.read_request()
        self.server.stopping.wait(self.server.latency)
        response = ranged(self.server.answer(request), request)
        match response.fault.kind if response.fault else None:
            case FaultKind.RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                self.connection.close()
                self.close_connection = True
                return
            case FaultKind.SERVER_ERROR:
                response = replace(response, status=500, body=b"Something is broken.\n", headers={})
            case FaultKind.WRONG_BYTES:
                response = replace(response, body=bytes(byte ^ 1 for byte in response.body))
            case FaultKind.SLOW:
                self.server.stopping.wait(response.fault.seconds if response.fault else 0)
            case FaultKind.TRUNCATED | FaultKind.TRICKLING | None:
                pass
        self.write(response)

    do_GET = do_HEAD = do_POST = do_PUT = respond  # noqa: N815 - http.server looks for these names

    def read_request(self) -> Request:
        """Read the rest of a request."""
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=self.path,
            host=self.headers.get("Host"),
            authorization=self.headers.get("Authorization"),
            accept=self.headers.get("Accept"),
            byte_range=self.headers.get("Range"),
            user_agent=self.headers.get("User-Agent"),
            body=self.rfile.read(length),
        )

    def write(self, response: Response) -> None:
        """Write an answer."""
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if response.fault and response.fault.kind is FaultKind.TRUNCATED:
            self.wfile.write(response.body[: len(response.body) // 2])
            self.close_connection = True
            return
        if response.fault and response.fault.kind is FaultKind.TRICKLING:
            for byte in response.body:
                self.wfile.write(bytes((byte,)))
                self.server.stopping.wait(response.fault.seconds)
            return
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
        """Say nothing."""


def ranged(response: Response, request: Request) -> Response:
    """Cut an answer down to the one range of bytes that the client asked for."""
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.byte_range or "")
    if response.status != 200 or not wanted or wanted.group() == "bytes=-":
        return response
    total = len(response.body)
    first, last = wanted.groups()
    start = int(first) if first else max(total - int(last), 0)
    end = min(int(last), total - 1) if first and last else total - 1
    if start > end:
        return replace(response, status=416, body=b"", headers={"Content-Range": f"bytes */{total}"})
    headers = {**response.headers, "Content-Range": f"bytes {start}-{end}/{total}"}
    return replace(response, status=206, body=response.body[start : end + 1], headers=headers)
