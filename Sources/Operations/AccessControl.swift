import Cryptography
import FoundationEssentials
import HTTPServer

/// Which requests are let in: with a token configured, those that carry it; without one, those that name this machine by
/// a loopback name.
struct AccessControl: Sendable {
    enum AccessRefusal: Sendable, Equatable {
        case tokenMissing
        /// A foreign name in Host means that a page of some other site had its own name lead to this machine (DNS
        /// rebinding); the browser takes it for that site's own server.
        case foreignHost

        /// 421 is Misdirected Request (RFC 9110 section 15.5.20).
        var status: Int {
            switch self {
            case .tokenMissing: 401
            case .foreignHost: 421
            }
        }
    }

    /// What load balancers ask without a token; it says no more than that the process answers.
    private static let open = ["/healthz"]

    private let digest: [UInt8]?

    init(token: [UInt8]?) { digest = token.map(Digest.sha256) }

    func refusal(of request: Request) -> AccessRefusal? {
        guard let digest else { return Self.isLoopback(request.headers["host"] ?? "") ? nil : .foreignHost }
        if Self.open.contains(request.path) { return nil }
        let brought = request.headers.values("authorization")
        guard brought.count == 1, let token = Self.token(in: brought[0]) else { return .tokenMissing }
        // Digests have one length, so the time tells nothing of the token's.
        return constantTimeEqual(Digest.sha256(token), digest) ? nil : .tokenMissing
    }

    /// Adds the ways to bring the token, for programs and for browsers (RFC 9110 section 11.6.1).
    static func challenge(_ response: inout Response) {
        response.add("WWW-Authenticate", #"Bearer realm="Pulih""#)
        response.add("WWW-Authenticate", #"Basic realm="Pulih", charset="UTF-8""#)
    }

    /// `Bearer TOKEN` (RFC 6750 section 2.1), or `Basic` with the token as password and any user name (RFC 7617).
    private static func token(in authorization: String) -> [UInt8]? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return Array(parts[1].utf8)
        case "basic":
            guard let pair = Data(base64Encoded: String(parts[1])), let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { return nil }
            return Array(pair[(colon + 1)...])
        default: return nil
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains { name in
            let start = host.utf8.prefix(name.utf8.count)
            guard start.elementsEqual(name.utf8, by: { $0 == $1 || $0 | 0x20 == $1 }) else { return false }
            let rest = host.utf8.dropFirst(name.utf8.count)
            guard let colon = rest.first else { return true }
            let isPort = rest.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return colon == UInt8(ascii: ":") && rest.count > 1 && isPort
        }
    }
}
