"""A Server URL in Python's standard library: SERVER_URL_SECRET=… PORT=3000 python3 receiver.py"""
import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

secret = os.environ["SERVER_URL_SECRET"]
key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
tools = {"findSlots": lambda args: f"On {args['day']} nine o'clock is free."}
answered = {}  # by webhook-id; in earnest a table, so that it outlives the process


def is_signed(headers, body):
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > 300:
        return False
    mac = base64.b64encode(hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(b"v1," + mac, one) for one in given)


def answer(message):
    if message.get("type") == "function-call":
        call = message["functionCall"]
        if call["name"] not in tools:
            return {"error": f"There is no tool {call['name']}."}
        try:
            return {"result": tools[call["name"]](call["parameters"])}
        except Exception as error:  # words that the model can speak about
            return {"error": f"{call['name']} failed: {error!r}"}
    if message.get("type") == "end-of-call-report":
        print("report of", message["call"]["id"], message["analysis"].get("summary"), flush=True)
    return {"received": True}  # 200 for every other type, also those that come later


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_signed(self.headers, body):
            return self.reply(401, {"error": "The signature does not fit."})
        try:
            message = json.loads(body).get("message", {})
        except (ValueError, AttributeError):
            return self.reply(400, {"error": "The body is not a JSON object."})
        id = self.headers["webhook-id"]
        if id not in answered:
            answered[id] = answer(message)
        self.reply(200, answered[id])

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 3000))), Receiver).serve_forever()
