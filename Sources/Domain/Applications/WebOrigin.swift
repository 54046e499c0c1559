/// Scheme, host and port of an address (RFC 6454), as bytes: what is written any other way is another origin.
package enum WebOrigin {
    /// The origin of a host that a proxy serves: https, but for this machine itself.
    /// - Parameter host: with the port where it is not the usual one.
    package static func ofHost(_ host: String) -> String { (isLoopback(host) ? "http://" : "https://") + host }

    /// - Returns: nil for what is no absolute http or https address.
    package static func ofURI(_ uri: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: { uri.utf8.starts(with: $0.utf8) }) else { return nil }
        let host = uri.dropFirst(scheme.count).prefix { !"/?#\\".contains($0) }
        return isHost(host.lowercased()) ? scheme + host.lowercased() : nil
    }

    /// Whether a text is a host in small letters, digits, dots and hyphens, or an address in brackets, with a port or none:
    /// no user, no other script, nothing that a browser reads as something else.
    package static func isHost(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        if let colon = rest.lastIndex(of: UInt8(ascii: ":")), rest.last != UInt8(ascii: "]") {
            let port = String(decoding: rest[(colon + 1)...], as: UTF8.self)
            guard let number = UInt16(port), number > 0, "\(number)" == port else { return false }
            rest = rest[..<colon]
        }
        if rest.first == UInt8(ascii: "["), rest.last == UInt8(ascii: "]") {
            let inner = rest.dropFirst().dropLast()
            return !inner.isEmpty && inner.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
        }
        let labels = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return rest.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { isSmallLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// Whether a host is this machine itself, which browsers trust without TLS.
    package static func isLoopback(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
        return bare == "localhost" || bare.hasSuffix(".localhost") || bare == "[::1]"
            || (bare.hasPrefix("127.") && bare.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." })
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isSmallLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
