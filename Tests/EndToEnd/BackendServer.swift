import Foundation
import Support

/// An application without any login: it tells what of each request reached it, as JSON, and echoes over WebSockets.
final class BackendServer: Sendable {
    let port: FreePort
    private let process: Subprocess
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        port = try FreePort()
        let program = try folder.write(Self.program, to: "backend.py")
        process = try Subprocess("python3", ["-u", program, "\(port.number)"])
        try process.waitForLine(timeout: .seconds(20)) { $0.contains("ready") }
    }

    private static let program = #"""
        import base64, hashlib, html, json, sys
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                if self.headers.get("Upgrade") == "websocket":
                    return self.echo()
                length = int(self.headers.get("Content-Length") or 0)
                told = {
                    "method": self.command, "target": self.path, "body": self.rfile.read(length).decode(),
                    "headers": [[name, value] for name, value in self.headers.items()],
                }
                if "text/html" in (self.headers.get("Accept") or ""):
                    page = f"<!DOCTYPE html><html lang=en><title>Backend</title><pre>{html.escape(json.dumps(told))}</pre>"
                    page += "<form method=post action=/save><input name=text><button>Save</button></form>"
                    return self.send(page, "text/html")
                self.send(json.dumps(told), "application/json")

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def send(self, text, kind):
                body = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def echo(self):
                """RFC 6455 section 1.3, then every byte comes back."""
                key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
                self.wfile.write((
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    f"Sec-WebSocket-Accept: {accept}\r\nX-User: {self.headers.get('Remote-User')}\r\n\r\n").encode())
                while data := self.connection.recv(4096):
                    self.connection.sendall(data)
                self.close_connection = True

            def log_message(self, *arguments):
                pass


        server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        print("ready", flush=True)
        server.serve_forever()
        """#
}
