import SQL

/// Rows in the binary format of COPY (PostgreSQL's documentation, page "COPY"), in which nothing has to be escaped.
enum BinaryRows {
    /// Signature, flags and the length of the extension, of which there is none.
    static let header = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    /// In place of the number of columns.
    static let end = bytes(Int16(-1))

    static func append(_ row: [Value], to buffer: inout [UInt8]) {
        buffer += bytes(Int16(row.count))
        for value in row {
            switch value {
            case .null: buffer += bytes(Int32(-1))
            case .integer(let integer): append(bytes(integer), to: &buffer)
            case .real(let real): append(bytes(real.bitPattern), to: &buffer)
            case .text(let text): append(text.utf8, to: &buffer)
            case .blob(let blob): append(blob, to: &buffer)
            }
        }
    }

    private static func append(_ value: some Collection<UInt8>, to buffer: inout [UInt8]) {
        buffer += bytes(Int32(value.count))
        buffer += value
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init)
    }
}

/// Takes rows out of what the server sends, message by message.
struct BinaryRowReader {
    private let kinds: [Column.Kind]
    private var isAtStart = true

    init(_ kinds: [Column.Kind]) { self.kinds = kinds }

    /// - Throws: `PostgreSQLError`: it is not the format that was asked for.
    mutating func read(_ message: UnsafeRawBufferPointer, _ body: ([Value]) throws -> Void) throws {
        var cursor = ByteCursor(bytes: message)
        if isAtStart {
            guard try cursor.take(BinaryRows.header.count).elementsEqual(BinaryRows.header) else {
                throw ByteCursor.strange
            }
            isAtStart = false
        }
        while !cursor.isAtEnd {
            let count = try cursor.number(Int16.self)
            if count == -1 { return }
            guard count == kinds.count else { throw ByteCursor.strange }
            try body(try kinds.map { try Self.value($0, &cursor) })
        }
    }

    private static func value(_ kind: Column.Kind, _ cursor: inout ByteCursor) throws -> Value {
        let count = Int(try cursor.number(Int32.self))
        guard count >= 0 else { return .null }
        switch kind {
        case .integer: return .integer(try cursor.number(Int64.self))
        case .real: return .real(Double(bitPattern: try cursor.number(UInt64.self)))
        case .text: return .text(String(decoding: try cursor.take(count), as: UTF8.self))
        case .blob: return .blob(Array(try cursor.take(count)))
        }
    }
}

private struct ByteCursor {
    static let strange = PostgreSQLError(state: "22P04", message: "rows in another format than was asked for")

    let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count <= bytes.count - offset else { throw Self.strange }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        Number(bigEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }
}
