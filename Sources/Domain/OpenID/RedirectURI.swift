/// Where logins come back to.
package enum RedirectURI {
    /// Whether an address is, byte for byte, one of those that a client has registered. Of an http address of this machine the
    /// port may be any: an application on a desktop takes the one that is free (RFC 8252, section 7.3).
    package static func isRegistered(_ uri: String, among registered: [String]) -> Bool {
        let loopback = Loopback(uri)
        return registered.contains { known in
            known.utf8.elementsEqual(uri.utf8) || (loopback != nil && Loopback(known) == loopback)
        }
    }

    /// The origin of an http address of this machine, whatever its port; nil for all others.
    package static func loopbackOrigin(_ uri: String) -> String? {
        Loopback(uri).map { "http://\(String(decoding: $0.host, as: UTF8.self)):*" }
    }

    /// An address with parameters added, whatever it has already.
    package static func adding(_ parameters: [(name: String, value: String?)], to uri: String) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        guard !pairs.isEmpty else { return uri }
        let separator =
            !uri.utf8.contains(UInt8(ascii: "?")) ? "?" : uri.hasSuffix("?") || uri.hasSuffix("&") ? "" : "&"
        return uri + separator + pairs.joined(separator: "&")
    }

    /// An http address of this machine, its port left out.
    private struct Loopback: Equatable {
        let host: [UInt8]
        let rest: [UInt8]

        private static let hosts = ["127.0.0.1", "[::1]", "localhost"]

        init?(_ uri: String) {
            let prefix = "http://"
            guard uri.utf8.starts(with: prefix.utf8) else { return nil }
            let bytes = uri.utf8.dropFirst(prefix.utf8.count)
            guard let host = Self.hosts.first(where: { bytes.starts(with: $0.utf8) }) else { return nil }
            var rest = bytes.dropFirst(host.utf8.count)
            if rest.first == UInt8(ascii: ":") {
                let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                guard let port = UInt16(Substring(digits)), port > 0 else { return nil }
                rest = rest.dropFirst(1 + digits.count)
            }
            // Anything else would be a longer host, or a user name.
            guard rest.isEmpty || rest.first == UInt8(ascii: "/") || rest.first == UInt8(ascii: "?") else { return nil }
            self.host = Array(host.utf8)
            self.rest = Array(rest)
        }
    }
}
