import Foundation
import Threading

/// A server for what Pulih posts, on a loopback port: Python's HTTP server with TLS, which answers as a test says and
/// keeps what came.
package final class ScriptedServer: Sendable {
    /// One answer.
    package struct Answer: Sendable, Encodable {
        let status: Int
        let body: String
        let headers: [String: String]
        /// The request waits until the test calls `release()`.
        let isHeld: Bool

        package init(
            status: Int = 200, _ body: String = "", headers: [String: String] = [:], isHeld: Bool = false
        ) {
            (self.status, self.body, self.headers, self.isHeld) = (status, body, headers, isHeld)
        }

        package static func token(_ token: String, lifetime: Int = 3600, isHeld: Bool = false) -> Answer {
            Answer(
                #"{"access_token": "\#(token)", "token_type": "Bearer", "expires_in": \#(lifetime)}"#, isHeld: isHeld)
        }

        package static func error(_ error: String, _ description: String) -> Answer {
            Answer(status: 400, #"{"error": "\#(error)", "error_description": "\#(description)"}"#)
        }
    }

    /// What was posted.
    package struct Request: Sendable, Decodable {
        /// By name in small letters.
        package let headers: [String: String]
        package let body: String
        /// The connection that it came over, counted from 1.
        package let connection: Int

        /// The fields of a form.
        package var form: [String: String] {
            let items = URLComponents(string: "?\(body.replacing("+", with: "%20"))")?.queryItems ?? []
            return Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 }
        }
    }

    package let port: UInt16
    private let reservation: FreePort
    private let certificate: TestCertificate?
    private let folder: TemporaryFolder
    private let process = Monitor<Subprocess?>(nil)

    package var url: String { "\(certificate == nil ? "http" : "https")://localhost:\(port)/token" }
    package var authorityFile: String { certificate?.authorityFile ?? "" }

    /// - Parameter certificate: nil speaks HTTP in clear.
    package init(_ certificate: TestCertificate?, _ answers: [Answer]) throws {
        self.certificate = certificate
        reservation = try FreePort()
        port = reservation.number
        folder = try TemporaryFolder()
        try folder.write(Self.program, to: "server.py")
        try give(answers)
        let files = certificate.map { [$0.certificateFile, $0.keyFile] } ?? []
        let started = try Subprocess("/usr/bin/python3", [folder.file("server.py"), folder.path, "\(port)"] + files)
        try started.waitForLine(timeout: .seconds(30)) { $0 == "listening" }
        process.withLock { $0 = started }
    }

    /// From now on requests get these answers in their order; the last one again and again.
    package func give(_ answers: [Answer]) throws {
        try folder.write(Array(JSONEncoder().encode(answers)), to: "answers.json")
    }

    /// Lets the held request go on, or the next one to be held.
    package func release() throws {
        // Opening a pipe to write waits for the reader.
        let gate = open(folder.file("gate"), O_WRONLY | O_CLOEXEC)
        guard gate >= 0 else { throw SupportFailure.system("cannot open the gate") }
        close(gate)
    }

    /// What was posted, oldest first.
    package var requests: [Request] {
        guard let text = try? folder.read("requests.json") else { return [] }
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
    }

    /// Blocks until so many requests have come.
    @discardableResult
    package func waitForRequests(_ count: Int, timeout: Duration = .seconds(20)) throws -> [Request] {
        guard let running = process.withLock({ $0 }) else { throw SupportFailure("the server has been stopped") }
        try running.waitForLine(timeout: timeout) { $0 == "request \(count)" }
        return requests
    }

    /// Ends the server; its port refuses from now on.
    package func stop() throws {
        guard let running = process.withLock({ $0.take() }) else { return }
        running.signal(SIGKILL)
        try running.waitForExit()
    }

    private static let program = #"""
        import http.server, json, os, ssl, sys, threading

        folder, port = sys.argv[1], int(sys.argv[2])
        given, position, count, connections = None, 0, 0, 0
        lock = threading.Lock()
        os.mkfifo(folder + "/gate")


        def answer():
            global given, position
            with open(folder + "/answers.json") as file:
                text = file.read()
            if text != given:
                given, position = text, 0
            answers = json.loads(text)
            position += 1
            return answers[min(position, len(answers)) - 1]


        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                global connections
                if len(sys.argv) > 3:
                    self.request = context.wrap_socket(self.request, server_side=True)
                with lock:
                    connections += 1
                    self.number = connections
                super().setup()

            def do_POST(self):
                global count
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                with lock:
                    chosen = answer()
                    with open(folder + "/requests.json", "a") as file:
                        file.write(json.dumps({"headers": headers, "body": body, "connection": self.number}) + "\n")
                    count += 1
                    print("request", count, flush=True)
                if chosen["isHeld"]:
                    with open(folder + "/gate") as gate:
                        gate.read()
                body = chosen["body"].encode()
                self.send_response(chosen["status"])
                for name, value in chosen["headers"].items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass


        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                # A client that trusts no such certificate, or had enough.
                pass


        server = Server(("127.0.0.1", port), Handler)
        if len(sys.argv) > 3:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(sys.argv[3], sys.argv[4])
        print("listening", flush=True)
        server.serve_forever()
        """#
}
