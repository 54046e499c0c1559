import Foundation

/// A secret, by what it is; `isDigits` when it must stand alone to be meant, since clocks count in digits, and bytes are
/// written in them, too.
struct Canary {
    let name: String
    let bytes: [UInt8]
    var isDigits = false

    init(_ name: String, _ text: String, isDigits: Bool = false) {
        self.name = name
        bytes = Array(text.utf8)
        self.isDigits = isDigits
    }

    init(_ name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// As it is, or as databases write bytes.
    func isIn(_ data: Data) -> Bool {
        let digits = bytes.map { String(format: "%02x", $0) }.joined()
        return isWritten(in: data) || data.range(of: Data(digits.utf8)) != nil
    }

    private func isWritten(in data: Data) -> Bool {
        var rest = data[...]
        while let found = rest.range(of: Data(bytes)) {
            let around = [found.lowerBound - 1, found.upperBound].filter { data.indices.contains($0) }
            if !isDigits || !around.contains(where: { Self.continuesNumber(data[$0]) }) {
                return true
            }
            rest = rest[found.upperBound...]
        }
        return false
    }

    /// Digits, those of hexadecimal numbers among them, and the point.
    private static func continuesNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || byte == 0x2e
    }
}
