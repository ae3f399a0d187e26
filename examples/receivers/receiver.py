# A Server URL in Python, with the standard library only: SERVER_URL_SECRET=… PORT=3000 python3 receiver.py
import base64, hashlib, hmac, json, os, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

secret = os.environ["SERVER_URL_SECRET"]
key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
tools = {"findSlots": lambda day: f"On {day} nine o'clock is free."}
answered, lock = {}, threading.Lock()  # In earnest: a table with webhook-id as its key.

def is_authentic(headers, body):
    signed_at = headers.get("webhook-timestamp", "")
    if not signed_at.isdecimal() or abs(time.time() - int(signed_at)) > 300:
        return False
    content = f"{headers.get('webhook-id')}.{signed_at}.".encode() + body
    right = b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode("latin-1").split(b" ")
    return any(hmac.compare_digest(one, right) for one in given)

def run(name, arguments):
    try:
        given = json.loads(arguments) if isinstance(arguments, str) else arguments
        return {"result": tools[name](**given)} if name in tools else {"error": f"There is no tool {name}."}
    except (TypeError, ValueError) as error:
        return {"error": f"The arguments do not fit: {error}"}

def handle(body, headers):
    message = body.get("message") if isinstance(body, dict) else None
    message = message if isinstance(message, dict) else {}
    if message.get("type") == "function-call":
        call = message["functionCall"]
        return run(call["name"], call.get("parameters", call.get("arguments")))
    if message.get("type") == "tool-calls":
        calls = [(call["id"], call["function"]) for call in message["toolCallList"]]
        return {"results": [{"toolCallId": id, **run(f["name"], f["arguments"])} for id, f in calls]}
    if not message and headers.get("offhook-tool-name"):
        return run(headers["offhook-tool-name"], body)
    print(message.get("type", "something else"), flush=True)  # In earnest: put it in a queue.
    return {}

class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_authentic(self.headers, body):
            return self.answer(401, {"error": "The signature does not fit."})
        try:
            id, parsed = self.headers["webhook-id"], json.loads(body)
        except ValueError:
            return self.answer(400, {"error": "The body is no JSON."})
        with lock:  # Once per webhook-id; who repeats it gets the same answer.
            if id not in answered:
                answered[id] = handle(parsed, self.headers)
        self.answer(200, answered[id])

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer(405, {"error": "POST only"})

    do_PUT = do_GET
    log_message = lambda *_: None

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
