import CPostgreSQL

// What can be asked of a connection besides the work of the store, by those who look into how it was made.
extension PostgreSQLConnection {
    /// Runs one statement without preparing it, so that nothing depends on what came before on the connection.
    /// - Returns: the rows as text.
    /// - Throws: `PostgreSQLError`.
    package func rows(_ sql: String) throws -> [[String?]] {
        let result = PQexec(handle, sql)
        defer { PQclear(result) }
        try check(result, sql)
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
            }
        }
    }

    /// The version of TLS that is spoken; nil where the way is not encrypted.
    package var tlsVersion: String? {
        guard PQsslInUse(handle) == 1 else { return nil }
        return PQsslAttribute(handle, "protocol").map { String(cString: $0) } ?? "TLS"
    }

    /// Whether the way to the server does not leave this machine.
    package var isLocal: Bool {
        guard let host = PQhost(handle).map({ String(cString: $0) }), !host.hasPrefix("/"), !host.hasPrefix("@") else {
            return true
        }
        let address = PQhostaddr(handle).map { String(cString: $0) } ?? ""
        return address.hasPrefix("127.") || address == "::1"
    }

    /// Whether the name in the server's certificate is compared with the host's.
    package var verifiesServer: Bool { option("sslmode") == "verify-full" }

    /// What one of libpq's keywords stands at, wherever it was set.
    private func option(_ keyword: String) -> String? {
        guard let options = PQconninfo(handle) else { return nil }
        defer { PQconninfoFree(options) }
        var option = options
        while let name = option.pointee.keyword {
            if String(cString: name) == keyword { return option.pointee.val.map { String(cString: $0) } }
            option += 1
        }
        return nil
    }

    /// Tries to connect once more and tells why that fails, one error for each way that was tried, with the code of a server
    /// that answered: its words may be of any language.
    /// - Returns: empty when there is a connection after all.
    package static func failures(_ parameters: [(String, String)]) -> [PostgreSQLError] {
        let handle = connect(parameters)
        defer { PQfinish(handle) }
        guard PQstatus(handle) != CONNECTION_OK else { return [] }
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQreset(handle)
        guard PQstatus(handle) != CONNECTION_OK else { return [] }
        return String(cString: PQerrorMessage(handle)).split(separator: "\n").compactMap(PostgreSQLError.init(line:))
    }
}

extension PostgreSQLError {
    /// A line of libpq's complaint: `connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  28P01: words`. Nil for
    /// those that only say more of the line before.
    init?(line: Substring) {
        guard let first = line.first, !first.isWhitespace, !Self.continuations.contains(where: line.hasPrefix) else {
            return nil
        }
        let parts = line.split(separator: ": ").map { $0.drop { $0 == " " } }
        guard let code = parts.firstIndex(where: Self.isState), code > 0 else {
            self.init(message: String(line))
            return
        }
        // Before the code stands how bad it is.
        self.init(
            state: String(parts[code]), message: (parts[..<(code - 1)] + parts[(code + 1)...]).joined(separator: ": "))
    }

    /// Five digits and capital letters, of which `FATAL` has no digit.
    private static func isState(_ text: Substring) -> Bool {
        text.count == 5 && text.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            && text.contains(where: \.isNumber)
    }

    private static let continuations = ["LOCATION:", "DETAIL:", "HINT:", "Either provide"]
}
