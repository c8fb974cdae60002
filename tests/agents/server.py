"""A server of the OpenAI kind on loopback that fails as it is told to; it counts requests."""

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """Replies are taken from `script`, one a request, and the last one is repeated."""

    def __init__(self, script):
        self.script, self.requests, self.keys = list(script), [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append((self.path, body))
                outer.keys.append(self.headers.get("Authorization"))
                step = outer.script.pop(0) if len(outer.script) > 1 else outer.script[0]
                step(self, body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def send(handler, body, status=200, headers=(), length=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    handler.wfile.write(data)


def text(content):
    def reply(handler, body):
        if handler.path.endswith("/embeddings"):
            rows = [{"index": i, "embedding": [1.0, float(len(t))]} for i, t in enumerate(body["input"])]
            send(handler, {"data": rows[::-1]})
        else:
            send(handler, {"choices": [{"message": {"content": content}}]})

    return reply


def status(code, *headers):
    return lambda handler, body: send(handler, {"error": "no"}, code, headers)


def raw(data):
    return lambda handler, body: send(handler, data)


def cut(handler, body):
    """Promise more bytes than are sent."""
    send(handler, b'{"choices": [', length=1000)
    handler.wfile.flush()
    handler.connection.close()
    handler.close_connection = True


def drip(handler, body):
    """Send a byte now and then, for ever, so that no single read takes long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        handler.close_connection = True


def echo(handler, body):
    """Answer with the key that came."""
    send(handler, {"choices": [{"message": {"content": f"rose {handler.headers.get('Authorization')}"}}]})


def squeezed(handler, body):
    """Send a compressed reply that nobody asked for."""
    send(handler, gzip.compress(b" " * 50_000_000), headers=[("Content-Encoding", "gzip")])
