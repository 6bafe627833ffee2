# SPDX-License-Identifier: Apache-2.0
"""nng.py - NNG by ctypes: req, sub and respondent, as much of it as scenes need."""
import ctypes
import ctypes.util
import json
import queue
import threading

from .runner import Late, skip
from .websocket import Closed

FLAG_NONBLOCK = 2
TIMEOUT = 5  # NNG_ETIMEDOUT
_lib = None


class Handle(ctypes.Structure):
    """nng_socket, nng_ctx, nng_dialer: each a number in a struct."""
    _fields_ = [("id", ctypes.c_uint32)]


def lib():
    """libnng, with its functions' types; the scene is skipped without it."""
    global _lib  # pylint: disable=global-statement
    if _lib is None:
        name = ctypes.util.find_library("nng")
        if not name:
            skip("no libnng here")
        _lib = ctypes.CDLL(name)
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        for function, result, *arguments in (
                ("nng_strerror", ctypes.c_char_p, ctypes.c_int),
                ("nng_dial", ctypes.c_int, Handle, ctypes.c_char_p, pointer, ctypes.c_int),
                ("nng_close", ctypes.c_int, Handle),
                ("nng_ctx_open", ctypes.c_int, ctypes.POINTER(Handle), Handle),
                ("nng_ctx_close", ctypes.c_int, Handle),
                ("nng_ctx_send", None, Handle, pointer),
                ("nng_ctx_recv", None, Handle, pointer),
                ("nng_aio_alloc", ctypes.c_int, ctypes.POINTER(pointer), pointer, pointer),
                ("nng_aio_free", None, pointer),
                ("nng_aio_wait", None, pointer),
                ("nng_aio_result", ctypes.c_int, pointer),
                ("nng_aio_set_msg", None, pointer, pointer),
                ("nng_aio_get_msg", pointer, pointer),
                ("nng_aio_set_timeout", None, pointer, ctypes.c_int32),
                ("nng_msg_alloc", ctypes.c_int, ctypes.POINTER(pointer), size),
                ("nng_msg_append", ctypes.c_int, pointer, ctypes.c_char_p, size),
                ("nng_msg_body", pointer, pointer),
                ("nng_msg_len", size, pointer),
                ("nng_msg_free", None, pointer),
                ("nng_send", ctypes.c_int, Handle, ctypes.c_char_p, size, ctypes.c_int),
                ("nng_recvmsg", ctypes.c_int, Handle, ctypes.POINTER(pointer), ctypes.c_int),
                ("nng_socket_set_ms", ctypes.c_int, Handle, ctypes.c_char_p, ctypes.c_int32),
                ("nng_socket_set", ctypes.c_int, Handle, ctypes.c_char_p, ctypes.c_char_p, size)):
            getattr(_lib, function).restype = result
            getattr(_lib, function).argtypes = arguments
    return _lib


class NngError(Exception):
    """.code is NNG's number."""

    def __init__(self, code):
        super().__init__(lib().nng_strerror(code).decode())
        self.code = code


def check(code):
    if code != 0:
        raise NngError(code)


def _bytes(message):
    data = ctypes.string_at(lib().nng_msg_body(message), lib().nng_msg_len(message))
    lib().nng_msg_free(message)
    return data


class Socket:
    """kind: req0, sub0, respondent0, or another of NNG's."""

    def __init__(self, kind, url, timeout_s=20):
        self.handle = Handle()
        check(getattr(lib(), f"nng_{kind}_open")(ctypes.byref(self.handle)))
        self.timeout_ms = int(timeout_s * 1000)
        check(lib().nng_socket_set_ms(self.handle, b"recv-timeout", self.timeout_ms))
        check(lib().nng_dial(self.handle, url.encode(), None, 0))

    def subscribe(self, topic):
        data = topic.encode()
        check(lib().nng_socket_set(self.handle, b"sub:subscribe", data, len(data)))
        return self

    def send(self, data):
        check(lib().nng_send(self.handle, data, len(data), 0))

    def recv(self):
        message = ctypes.c_void_p()
        check(lib().nng_recvmsg(self.handle, ctypes.byref(message), 0))
        return _bytes(message)

    def ask(self, data, timeout_ms=None):
        """One request and its reply; many threads may."""
        context, aio, message = Handle(), ctypes.c_void_p(), ctypes.c_void_p()
        check(lib().nng_ctx_open(ctypes.byref(context), self.handle))
        check(lib().nng_aio_alloc(ctypes.byref(aio), None, None))
        try:
            lib().nng_aio_set_timeout(aio, timeout_ms or self.timeout_ms)
            check(lib().nng_msg_alloc(ctypes.byref(message), 0))
            check(lib().nng_msg_append(message, data, len(data)))
            lib().nng_aio_set_msg(aio, message)
            lib().nng_ctx_send(context, aio)
            lib().nng_aio_wait(aio)
            if lib().nng_aio_result(aio) != 0:
                lib().nng_msg_free(message)
                check(lib().nng_aio_result(aio))
            lib().nng_ctx_recv(context, aio)
            lib().nng_aio_wait(aio)
            check(lib().nng_aio_result(aio))
            return _bytes(lib().nng_aio_get_msg(aio))
        finally:
            lib().nng_aio_free(aio)
            lib().nng_ctx_close(context)

    def close(self):
        lib().nng_close(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


class NngSession:
    """A session's messages both ways, as WebSocket has them: one thread asks for the next
    message again and again, and each request that is sent waits in a thread of its own."""

    def __init__(self, url):
        self.socket = Socket("req0", url, timeout_s=60)
        self.came, self.closed = queue.Queue(), False
        self._take(self.socket.ask(b"").decode())
        self._poller = threading.Thread(target=self._poll, daemon=True)
        self._poller.start()

    def _take(self, text):
        if text:
            self.came.put(text)

    def _ask(self, data):
        try:
            self._take(self.socket.ask(data).decode())
        except NngError as error:
            if not self.closed:
                self.came.put(error)

    def _poll(self):
        while not self.closed:
            self._ask(b"")

    def send_text(self, text):
        threading.Thread(target=self._ask, args=(text.encode() if isinstance(text, str) else text,),
                         daemon=True).start()

    def recv_text(self):
        try:
            text = self.came.get(timeout=60)
        except queue.Empty as error:
            raise Late("nothing came over NNG") from error
        if text is None or isinstance(text, NngError):
            raise Closed(1006, str(text))
        if '"signature":"' not in text:
            problem = json.loads(text)
            raise Closed(problem["status"], problem["code"])
        return text

    def close(self):
        if not self.closed:
            self.closed = True
            self.socket.close()
            self.came.put(None)
