import Curl
import FoundationEssentials

/// Addresses that may be posted to.
package enum WebAddress {
    package enum Problem: Sendable, CustomStringConvertible {
        case malformed
        /// In clear, to another machine.
        case insecure

        package var description: String {
            switch self {
            case .malformed: "is not an https address with a host and without a user name"
            case .insecure: "must be https (http is for loopback)"
            }
        }
    }

    /// Why nothing must be posted to an address; nil when it may.
    package static func problem(with url: String) -> Problem? {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\\\"<>#".utf8.contains($0) }),
            let parts = URL(string: url), let host = parts.host(), !host.isEmpty, parts.user() == nil,
            let scheme = parts.scheme?.lowercased(), ["https", "http"].contains(scheme)
        else { return .malformed }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        return scheme == "https" || isLoopback(host: bare) ? nil : .insecure
    }

    /// Host and, where it is written, port: what names a server in a sentence.
    package static func server(of url: String) -> String {
        guard let parts = URL(string: url), let host = parts.host() else { return url }
        return parts.port.map { "\(host):\($0)" } ?? host
    }
}
