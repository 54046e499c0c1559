import CPostgreSQL
import SQL

/// One statement, prepared once for each combination of kinds of values that it is run with, since PostgreSQL wants to
/// know of what type each parameter is.
///
/// Values go in PostgreSQL's binary format, with their length; results come as text.
final class PostgreSQLStatement: Statement {
    private let sql: String
    private unowned let connection: PostgreSQLConnection
    private var names: [[Oid]: String] = [:]

    init(_ sql: String, on connection: PostgreSQLConnection) {
        self.sql = sql
        self.connection = connection
    }

    func run(_ values: [Value], _ body: (any Row) throws -> Void) throws -> Int {
        let result = try connection.answer(to: try prepared(values))
        defer { PQclear(result) }
        guard let result else { return 0 }
        try PostgreSQLRow.each(of: result, body)
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func prepared(_ values: [Value]) throws -> PreparedQuestion {
        PreparedQuestion(sql: sql, name: try name(values.map(\.type)), values: values)
    }

    private func name(_ types: [Oid]) throws -> String {
        if let name = names[types] { return name }
        let name = connection.nextName()
        let result = try connection.answer(to: sql) {
            PQsendPrepare(connection.handle, name, sql, Int32(types.count), types)
        }
        defer { PQclear(result) }
        try connection.check(result, sql)
        names[types] = name
        return name
    }
}

/// The current row of a result.
struct PostgreSQLRow: Row {
    let result: OpaquePointer
    let number: Int32

    static func each(of result: OpaquePointer?, _ body: (any Row) throws -> Void) throws {
        guard let result else { return }
        for number in 0..<PQntuples(result) { try body(PostgreSQLRow(result: result, number: number)) }
    }

    func isNull(_ column: Int32) -> Bool { PQgetisnull(result, number, column) == 1 }

    func integer(_ column: Int32) -> Int64 {
        let text = text(column)
        return Int64(text) ?? (text == "t" ? 1 : 0)
    }

    func real(_ column: Int32) -> Double { Double(text(column)) ?? 0 }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// Two digits a byte after `\x` (PostgreSQL's documentation, section 8.4.1).
    func blob(_ column: Int32) -> [UInt8] {
        let digits = bytes(column).dropFirst(2)
        return stride(from: digits.startIndex, to: digits.endIndex - 1, by: 2).map {
            Self.value(digits[$0]) << 4 | Self.value(digits[$0 + 1])
        }
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
    }

    private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, number, column), count: Int(PQgetlength(result, number, column)))
    }
}

extension Value {
    /// The type of a parameter, as pg_type.dat numbers them; 0 leaves it to the server.
    fileprivate var type: Oid {
        switch self {
        case .null: 0
        case .integer: 20
        case .real: 701
        case .text: 25
        case .blob: 17
        }
    }

    fileprivate var bytes: [UInt8]? {
        switch self {
        case .null: nil
        case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { Array($0) }
        case .real(let real): withUnsafeBytes(of: real.bitPattern.bigEndian) { Array($0) }
        case .text(let text): Array(text.utf8)
        case .blob(let bytes): bytes
        }
    }
}

extension [Value] {
    /// Passes pointers, lengths and formats of all values.
    func withBytes<Result>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        let each = map(\.bytes)
        // One run of bytes, so that one pointer stays good for all.
        let all: [UInt8] = each.reduce(into: []) { $0 += $1 ?? [] } + [0]
        return all.withUnsafeBytes { all in
            var place = 0
            let pointers = each.map { bytes -> UnsafePointer<CChar>? in
                guard let bytes else { return nil }
                defer { place += bytes.count }
                return all.baseAddress?.advanced(by: place).assumingMemoryBound(to: CChar.self)
            }
            return body(pointers, each.map { Int32($0?.count ?? 0) }, map { _ in 1 })
        }
    }
}

@available(*, unavailable) extension PostgreSQLRow: Sendable {}
@available(*, unavailable) extension PostgreSQLStatement: Sendable {}
