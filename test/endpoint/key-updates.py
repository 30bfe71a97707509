"""Asks an endpoint for new keys of TLS 1.3 without end (RFC 8446, 4.6.3), reads nothing, and says when it was cut off: PORT."""

import ctypes
import socket
import sys

ssl = ctypes.CDLL("libssl.so.3")
pointer, number = ctypes.c_void_p, ctypes.c_int
for name, result, arguments in (
    ("TLS_client_method", pointer, []),
    ("SSL_CTX_new", pointer, [pointer]),
    ("SSL_new", pointer, [pointer]),
    ("SSL_set_fd", number, [pointer, number]),
    ("SSL_connect", number, [pointer]),
    ("SSL_key_update", number, [pointer, number]),
    ("SSL_do_handshake", number, [pointer]),
):
    function = getattr(ssl, name)
    function.restype, function.argtypes = result, arguments

update_requested = 1
# However slow the other side, this ends by itself.
most = 5_000_000

stream = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
stream.setblocking(True)
connection = ssl.SSL_new(ssl.SSL_CTX_new(ssl.TLS_client_method()))
ssl.SSL_set_fd(connection, stream.fileno())
if ssl.SSL_connect(connection) != 1:
    sys.exit("no connection")
print("connected", flush=True)
sent = 0
while (
    sent < most
    and ssl.SSL_key_update(connection, update_requested) == 1
    and ssl.SSL_do_handshake(connection) == 1
):
    sent += 1
    if sent == 1000:
        print("flooding", flush=True)
print(f"cut off after {sent}" if sent < most else "never cut off", flush=True)
