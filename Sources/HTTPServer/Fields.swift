/// A name with a value: of a form, a query, a cookie or a header.
package struct Field: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// How much a form or a query may hold. Lengths are bytes after decoding.
package struct FieldLimits: Sendable {
    /// Fields in all.
    package var count = 50
    /// Bytes of a name.
    package var nameLength = 64
    /// Bytes of a value.
    package var valueLength = 4096

    package init() {}
}

/// Names with values in the order they came. Names are compared byte for byte; the same name may come more than once.
package struct Fields: Sendable, Equatable {
    /// As they came.
    package let pairs: [Field]

    package init(_ pairs: [Field] = []) {
        self.pairs = pairs
    }

    /// Every value under the name, in order.
    package func values(_ name: String) -> [String] {
        pairs.filter { sameBytes($0.name, name) }.map(\.value)
    }

    /// The one value under the name, or nil when the name is not there.
    /// - Throws: `repeatedField` when there is more than one, so that none of them is picked by chance.
    package func optional(_ name: String) throws(RequestError) -> String? {
        let found = values(name)
        guard found.count <= 1 else { throw .repeatedField(name) }
        return found.first
    }

    /// The one value under the name.
    /// - Throws: `missingField` or `repeatedField` when there is not exactly one.
    package func single(_ name: String) throws(RequestError) -> String {
        guard let value = try optional(name) else { throw .missingField(name) }
        return value
    }

    /// Reads application/x-www-form-urlencoded, the format of forms and queries (WHATWG URL section 5.1), but strictly:
    /// what browsers would replace or pass over is refused.
    init(encoded bytes: ArraySlice<UInt8>, limits: FieldLimits) throws(RequestError) {
        var pairs: [Field] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < limits.count else { throw .tooManyFields }
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let name = try PercentEncoding.decode(piece[..<equals], plusIsSpace: true)
            guard name.utf8.count <= limits.nameLength else { throw .fieldTooLong }
            let value = try PercentEncoding.decode(piece[equals...].dropFirst(), plusIsSpace: true)
            guard value.utf8.count <= limits.valueLength else { throw .fieldTooLong }
            pairs.append(Field(name: name, value: value))
        }
        self.pairs = pairs
    }
}
