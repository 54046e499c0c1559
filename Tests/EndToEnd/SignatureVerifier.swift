import Foundation
import Support

/// Somebody who verifies the signature of an event: with the lines that README and manual have for a language, or with the
/// specification's own library.
struct SignatureVerifier {
    let name: String
    private let command: [String]
    private let environment: [String: String]
    private let folder: TemporaryFolder

    /// Those whose language is installed here; Python always is.
    static var all: [SignatureVerifier] {
        get throws {
            let manual = try ProjectFile.text("Sources/Program/Manuals/Pages/pulih-webhooks.7.md")
            let readme = try ProjectFile.text("README.md")
            let peer = ProcessInfo.processInfo.environment["PULIH_STANDARDWEBHOOKS"]
            return try [
                SignatureVerifier(
                    "manual in Python", try code("python", in: manual) + pythonCaller, "verify.py", ["python3"]),
                SignatureVerifier(
                    "README in Python", try code("python", in: readme) + pythonCaller, "verify.py", ["python3"]),
                SignatureVerifier(
                    "manual in PHP", "<?php\n" + code("php", in: manual) + phpCaller, "verify.php", ["php"]),
                SignatureVerifier(
                    "manual in Java", "class Verify {\n" + code("java", in: manual) + javaCaller + "}\n", "Verify.java",
                    ["java"]),
                peer.flatMap {
                    try SignatureVerifier("standardwebhooks", library, "verify.py", ["python3"], ["PYTHONPATH": $0])
                },
            ].compactMap { $0 }
        }
    }

    /// Nil where the language is not installed.
    private init?(
        _ name: String, _ code: String, _ file: String, _ command: [String], _ environment: [String: String] = [:]
    ) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(command[0])") else { return nil }
        folder = try TemporaryFolder()
        self.name = name
        self.command = command + [try folder.write(code, to: file)]
        self.environment = environment
    }

    /// - Parameters:
    ///   - body: instead of the one that came.
    ///   - time: instead of the one that came.
    func accepts(
        _ request: ScriptedServer.Request, _ secret: String, body: String? = nil, time: String? = nil
    ) throws -> Bool {
        let headers = request.headers
        let arguments = [
            secret, headers["webhook-id"] ?? "", time ?? headers["webhook-timestamp"] ?? "",
            headers["webhook-signature"] ?? "",
        ]
        let finished = try Subprocess.run(
            "/usr/bin/\(command[0])", Array(command.dropFirst()) + arguments, environment: environment,
            input: body ?? request.body)
        switch finished.output.trimmed {
        case "accepted": return true
        case "refused": return false
        default: throw SupportFailure("\(name): \(finished.output) \(finished.error)")
        }
    }

    /// The block of code in a language.
    private static func code(_ language: String, in document: String) throws -> String {
        guard let begin = document.range(of: "```\(language)\n"),
            let end = document[begin.upperBound...].range(of: "```\n")
        else { throw SupportFailure("there is no \(language)") }
        return String(document[begin.upperBound..<end.lowerBound])
    }

    private static let pythonCaller = """

        import sys
        headers = dict(zip(["webhook-id", "webhook-timestamp", "webhook-signature"], sys.argv[2:]))
        print("accepted" if verify(sys.argv[1], headers, sys.stdin.buffer.read()) else "refused")
        """

    private static let phpCaller = """

        $headers = array_combine(['webhook-id', 'webhook-timestamp', 'webhook-signature'], array_slice($argv, 2));
        echo verify($argv[1], $headers, stream_get_contents(STDIN)) ? 'accepted' : 'refused';
        """

    private static let javaCaller = """

        public static void main(String[] arguments) throws Exception {
            var headers = java.util.Map.of("webhook-id", arguments[1], "webhook-timestamp", arguments[2],
                "webhook-signature", arguments[3]);
            System.out.println(verify(arguments[0], headers, System.in.readAllBytes()) ? "accepted" : "refused");
        }

        """

    private static let library = """
        import sys
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError

        headers = dict(zip(["webhook-id", "webhook-timestamp", "webhook-signature"], sys.argv[2:]))
        try:
            Webhook(sys.argv[1]).verify(sys.stdin.buffer.read(), headers)
            print("accepted")
        except WebhookVerificationError:
            print("refused")
        """
}
