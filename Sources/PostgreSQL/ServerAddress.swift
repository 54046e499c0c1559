import CPostgreSQL

/// The address of a database as libpq reads it (PostgreSQL's documentation, section 34.1.1.2): a URI with one or several
/// hosts, whose parameters are libpq's keywords.
package struct ServerAddress: Sendable, Equatable {
    /// As it was written.
    package let text: String
    private let keywords: [String: String]

    /// - Throws: `PostgreSQLError` with libpq's own words, unless these may repeat a password.
    package init(_ text: String) throws(PostgreSQLError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &complaint) else {
            defer { PQfreemem(complaint) }
            let words = complaint.map { String(cString: $0) } ?? "out of memory"
            throw PostgreSQLError(
                message: Self.mayHoldPassword(text)
                    ? "a part of it is not written as it must be, which is not repeated here, since it may be a password"
                    : words)
        }
        defer { PQconninfoFree(options) }
        var keywords: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { keywords[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.text = text
        self.keywords = keywords
    }

    private static func mayHoldPassword(_ text: String) -> Bool {
        let login = text.lastIndex(of: "@").map { text[..<$0] } ?? ""
        return login.drop { $0 != "/" }.contains(":") || text.contains("password")
    }

    /// What the text itself says; nil where libpq takes it from its environment or has a value of its own.
    package subscript(_ keyword: String) -> String? { keywords[keyword] }

    /// The hosts in the order in which they are tried; empty for the socket of this machine.
    package var hosts: [String] {
        let hosts = (keywords["host"] ?? keywords["hostaddr"] ?? "").split(
            separator: ",", omittingEmptySubsequences: false)
        return hosts == [""] ? [] : hosts.map(String.init)
    }

    /// Whether every host is this machine.
    package var isLocal: Bool {
        hosts.allSatisfy { host in
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host.hasPrefix("127.")
                || ["localhost", "::1"].contains(host)
        }
    }

    /// For people: user, hosts and database, and no secret.
    package var name: String {
        let ports = (keywords["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let places = hosts.enumerated().map { index, host in
            let port = ports.count > 1 ? ports[min(index, ports.count - 1)] : ports.first ?? ""
            return (host.contains(":") ? "[\(host)]" : host) + (port.isEmpty || port == "5432" ? "" : ":\(port)")
        }
        let user = keywords["user"].map { "\($0)@" } ?? ""
        return "postgresql://\(user)\(places.joined(separator: ","))/\(keywords["dbname"] ?? "")"
    }
}
