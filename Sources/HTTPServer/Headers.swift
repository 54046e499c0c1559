/// Header fields in order; names are compared without regard to case (RFC 9110 section 5.1).
package struct Headers: Sendable, Equatable {
    /// As they came, or were set.
    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The first value under the name.
    package subscript(name: String) -> String? {
        fields.first { sameIgnoringCase($0.name, name) }?.value
    }

    /// Every value under the name, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { sameIgnoringCase($0.name, name) }.map(\.value)
    }

    mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    mutating func replace(_ name: String, _ value: String) {
        fields.removeAll { sameIgnoringCase($0.name, name) }
        append(name, value)
    }
}
