import Cryptography
import Domain
import HTTPServer

/// A document that anybody may read and keep for a while.
struct Published: Sendable {
    private let body: [UInt8]
    private let tag: String

    /// Keys are published as long before they sign.
    private static let seconds = TokenKeyTimes.publicationLead.milliseconds / 1000

    init(_ json: String) {
        body = Array(json.utf8)
        tag = "\"\(Base64URL.encode(Array(Digest.sha256(body).prefix(12))))\""
    }

    /// Who has it already is told so (RFC 9110, section 13.1.2).
    func response(to request: Request) -> Response {
        let known = request.headers.values("if-none-match").joined(separator: ",").split(separator: ",")
            .map { $0.filter { $0 != " " } }
        let isKnown = known.contains { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }
        var response = isKnown ? Response(status: 304) : .bytes(body, type: "application/json")
        response.set("Cache-Control", "public, max-age=\(Self.seconds)")
        response.set("ETag", tag)
        return response
    }
}
