import Foundation

/// A message as a strict mail program reads it: Python's `email` package, with every defect an error.
package struct ReceivedMail: Sendable, Decodable {
    package struct Header: Sendable, Equatable, Decodable {
        package let name: String
        /// Unfolded and decoded.
        package let value: String
    }

    /// A leaf of the message's tree of parts.
    package struct Part: Sendable, Equatable, Decodable {
        package let contentType: String
        package let charset: String?
        package let transferEncoding: String?
        /// Decoded size.
        package let bytes: Int
    }

    package enum Body: Sendable { case text, html }

    /// In the order of the message.
    package let headers: [Header]
    package let subject: String?
    package let text: String?
    package let html: String?
    /// The content type of the message as a whole.
    package let contentType: String
    package let parts: [Part]
    private let textLinks: [String]
    private let htmlLinks: [String]

    /// Reads the message in the file at `path`; throws with all defects it has.
    package init(path: String) throws {
        let output = try Subprocess.output(of: "/usr/bin/python3", ["-c", Self.program, path])
        self = try JSONDecoder().decode(ReceivedMail.self, from: Data(output.utf8))
    }

    /// The value of the first header called `name`, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The http and https links of a body: written out in the text part, the `href` of each `a` in the HTML part.
    package func links(in body: Body) -> [String] {
        switch body {
        case .text: textLinks
        case .html: htmlLinks
        }
    }
}
