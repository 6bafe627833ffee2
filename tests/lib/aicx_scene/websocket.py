# SPDX-License-Identifier: Apache-2.0
"""websocket.py - a client for RFC 6455, small enough to also send what it should not."""
import base64
import hashlib
import secrets
import socket
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Closed(Exception):
    """The connection is over; .code is the close frame's, or None without one."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code, self.reason = code, reason


def accept_of(key):
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()


def frame(opcode, data, mask, fin=True):
    """The bytes of one frame; mask is 4 bytes, or None (which a server refuses)."""
    first = (0x80 if fin else 0) | opcode
    marked = 0x80 if mask else 0
    if len(data) < 126:
        start = struct.pack("!BB", first, marked | len(data))
    elif len(data) < 65536:
        start = struct.pack("!BBH", first, marked | 126, len(data))
    else:
        start = struct.pack("!BBQ", first, marked | 127, len(data))
    if not mask:
        return start + data
    whole = mask * (len(data) // 4 + 1)
    masked = int.from_bytes(data, "big") ^ int.from_bytes(whole[:len(data)], "big")
    return start + mask + masked.to_bytes(len(data), "big")


class WebSocket:
    """One connection.  recv_text() answers pings; after an end it raises Closed."""

    # pylint: disable-next=too-many-arguments,too-many-positional-arguments
    def __init__(self, address, path="/ws", headers=None, timeout_s=60, tls=None):
        host, port = address.rsplit(":", 1)
        self.sock = socket.create_connection((host.strip("[]"), int(port)), timeout_s)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=host.strip("[]"))
        self._buffer = b""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {address}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = self._until(b"\r\n\r\n").decode("latin-1")
        if not answer.startswith("HTTP/1.1 101 ") or accept_of(key) not in answer:
            self.close()
            raise Closed(None, answer)

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise Closed(None, str(error)) from error
        if not data:
            raise Closed(None, "end of the stream")
        self._buffer += data

    def _until(self, mark):
        while mark not in self._buffer:
            self._more()
        found, self._buffer = self._buffer.split(mark, 1)
        return found + mark

    def _take(self, n_bytes):
        while len(self._buffer) < n_bytes:
            self._more()
        found, self._buffer = self._buffer[:n_bytes], self._buffer[n_bytes:]
        return found

    def send_bytes(self, data):
        """Raw bytes onto the connection, also half a frame."""
        self.sock.sendall(data)

    def send_text(self, text):
        data = text.encode() if isinstance(text, str) else text
        self.send_bytes(frame(TEXT, data, secrets.token_bytes(4)))

    def recv_frame(self):
        """(opcode, data, fin)"""
        first, second = self._take(2)
        n_bytes = second & 0x7F
        if n_bytes == 126:
            n_bytes = struct.unpack("!H", self._take(2))[0]
        elif n_bytes == 127:
            n_bytes = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(n_bytes), bool(first & 0x80)

    def recv_text(self):
        """The next whole message."""
        message = b""
        while True:
            opcode, data, fin = self.recv_frame()
            if opcode == PING:
                self.send_bytes(frame(PONG, data, secrets.token_bytes(4)))
            elif opcode == CLOSE:
                code = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else None
                raise Closed(code, data[2:].decode("utf-8", "replace"))
            elif opcode != PONG:
                message += data
                if fin:
                    return message.decode()

    def close(self):
        """Ends it at once, without a close frame; wakes a reader of another thread."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()
