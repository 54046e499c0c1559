import Foundation

/// A secret, by what it is; `isDigits` when it must stand alone to be meant, since clocks count in digits too.
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
            if !isDigits || !around.contains(where: { (0x30...0x39).contains(data[$0]) || data[$0] == 0x2e }) {
                return true
            }
            rest = rest[found.upperBound...]
        }
        return false
    }
}
