/// A cookie to set (RFC 6265). It is Secure and HttpOnly and stays on this host: there is no Domain attribute.
package struct Cookie: Sendable, Equatable {
    /// Whether other sites' links (lax) or nothing of theirs (strict) sends the cookie along.
    package enum SameSite: String, Sendable {
        case lax = "Lax"
        case strict = "Strict"
    }

    /// A token (RFC 6265 section 4.1.1).
    package let name: String
    /// Printable ASCII without spaces, quotes, commas, semicolons and backslashes.
    package let value: String
    /// The paths under which the browser sends it.
    package var path = "/"
    /// Lax unless said otherwise.
    package var sameSite = SameSite.lax
    /// Seconds to live; nil until the browser is closed, 0 removes it.
    package var maxAge: Int?

    /// A name that begins with `__Host-` makes the browser refuse the cookie from anyone but this host over TLS.
    package init(_ name: String, _ value: String, sameSite: SameSite = .lax, maxAge: Int? = nil) {
        self.name = name
        self.value = value
        self.sameSite = sameSite
        self.maxAge = maxAge
    }

    /// Removes a cookie that was set under this name at `/`.
    package static func removing(_ name: String) -> Cookie {
        Cookie(name, "", maxAge: 0)
    }

    /// The value of Set-Cookie; nil when name, value or path hold what a browser would read as something else, or when
    /// a `__Host-` cookie is not for the whole host.
    var header: String? {
        let isValue = { (byte: UInt8) in byte.isVisible && !#"",;\"#.utf8.contains(byte) }
        guard !name.isEmpty, name.utf8.allSatisfy(\.isToken), value.utf8.allSatisfy(isValue),
            path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy(isValue),
            path == "/" || !name.utf8.starts(with: "__Host-".utf8)
        else { return nil }
        let age = maxAge.map { "; Max-Age=\($0)" } ?? ""
        return "\(name)=\(value); Path=\(path)\(age); Secure; HttpOnly; SameSite=\(sameSite.rawValue)"
    }
}

extension Fields {
    /// Reads Cookie headers (RFC 6265 section 4.2); pieces without a name are passed over.
    init(cookies headers: [String]) {
        var pairs: [Field] = []
        for header in headers {
            for piece in header.utf8.split(separator: UInt8(ascii: ";")) {
                guard let equals = piece.firstIndex(of: UInt8(ascii: "=")),
                    let name = String(piece[..<equals].trimmed), !name.isEmpty,
                    let value = String(piece[piece.index(after: equals)...].trimmed)
                else { continue }
                pairs.append(Field(name: name, value: value))
            }
        }
        self.init(pairs)
    }
}
