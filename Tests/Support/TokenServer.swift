import Foundation
import Threading

/// A token endpoint of OAuth 2.0 on a loopback port: Python's HTTP server with TLS, which answers as a test says and counts.
package final class TokenServer: Sendable {
    /// One answer.
    package struct Answer: Sendable, Encodable {
        let status: Int
        let body: String
        let location: String?
        /// The request waits until the test calls `release()`.
        let isHeld: Bool

        package init(status: Int = 200, _ body: String, location: String? = nil, isHeld: Bool = false) {
            (self.status, self.body, self.location, self.isHeld) = (status, body, location, isHeld)
        }

        package static func token(_ token: String, lifetime: Int = 3600, isHeld: Bool = false) -> Answer {
            Answer(
                #"{"access_token": "\#(token)", "token_type": "Bearer", "expires_in": \#(lifetime)}"#, isHeld: isHeld)
        }

        package static func error(_ error: String, _ description: String) -> Answer {
            Answer(status: 400, #"{"error": "\#(error)", "error_description": "\#(description)"}"#)
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
        try folder.write(Self.program, to: "tokens.py")
        try give(answers)
        let files = certificate.map { [$0.certificateFile, $0.keyFile] } ?? []
        let started = try Subprocess("/usr/bin/python3", [folder.file("tokens.py"), folder.path, "\(port)"] + files)
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

    /// The forms that were posted, oldest first.
    package var requests: [[String: String]] {
        guard let text = try? folder.read("requests.json") else { return [] }
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
    }

    /// Blocks until so many requests have come.
    package func waitForRequests(_ count: Int) throws {
        guard let running = process.withLock({ $0 }) else { throw SupportFailure("the token server has been stopped") }
        try running.waitForLine { $0 == "request \(count)" }
    }

    /// Ends the server; its port refuses from now on.
    package func stop() throws {
        guard let running = process.withLock({ $0.take() }) else { return }
        running.signal(SIGKILL)
        try running.waitForExit()
    }

    private static let program = #"""
        import http.server, json, os, ssl, sys, urllib.parse

        folder, port = sys.argv[1], int(sys.argv[2])
        given, position, count = None, 0, 0
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
            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                chosen = answer()
                with open(folder + "/requests.json", "a") as file:
                    file.write(json.dumps(dict(urllib.parse.parse_qsl(form))) + "\n")
                global count
                count += 1
                print("request", count, flush=True)
                if chosen["isHeld"]:
                    with open(folder + "/gate") as gate:
                        gate.read()
                body = chosen["body"].encode()
                self.send_response(chosen["status"])
                if chosen.get("location"):
                    self.send_header("Location", chosen["location"])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass


        class Server(http.server.HTTPServer):
            def handle_error(self, request, address):
                # A client that trusts no such certificate, or had enough.
                pass


        server = Server(("127.0.0.1", port), Handler)
        if len(sys.argv) > 3:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(sys.argv[3], sys.argv[4])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print("listening", flush=True)
        server.serve_forever()
        """#
}
