// Text that meets a protocol is compared and checked as bytes: under String's == the Kelvin sign equals the letter K,
// and "\r\n" is one Character.

func sameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

/// Equal but for the case of ASCII letters, as header names are compared (RFC 9110 section 5.1).
func sameIgnoringCase(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && sameIgnoringCase(left.utf8, right.utf8)
}

/// The same of bytes, as many on either side.
func sameIgnoringCase(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
    var others = right.makeIterator()
    for byte in left {
        guard let other = others.next(), byte == other || byte.lowercased == other.lowercased else { return false }
    }
    return true
}

/// A set of bytes that is asked for each byte of each header.
struct ByteSet: Sendable {
    private let isMember: [Bool]

    init(_ isMember: (UInt8) -> Bool) { self.isMember = (UInt8.min...UInt8.max).map(isMember) }

    func contains(_ byte: UInt8) -> Bool { isMember[Int(byte)] }

    /// May occur in a header name or a cookie name.
    static let token = ByteSet(\.isToken)
    /// May occur in a Host header: a name or an address, and a port.
    static let host = ByteSet { $0.isDigit || $0.isLetter || "-._:[]".utf8.contains($0) }
    /// May occur in a header value.
    static let headerText = ByteSet(\.isHeaderText)
    static let asciiHeaderText = ByteSet { $0 < 0x80 && $0.isHeaderText }
}

extension Sequence<UInt8> {
    /// Whether all bytes are in the set.
    func areAll(_ set: ByteSet) -> Bool {
        for byte in self where !set.contains(byte) { return false }
        return true
    }
}

extension UInt8 {
    var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }

    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased) }

    /// May occur in a header name or a cookie name: a tchar of RFC 9110 section 5.6.2.
    var isToken: Bool {
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: isDigit || isLetter
        }
    }

    /// May occur in a header value: anything but control characters, the tab excepted (RFC 9110 section 5.5).
    var isHeaderText: Bool { self >= 0x20 && self != 0x7f || self == UInt8(ascii: "\t") }

    /// Printable ASCII other than the space.
    var isVisible: Bool { (0x21...0x7e).contains(self) }

    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension BidirectionalCollection<UInt8> where SubSequence == Self {
    /// Without spaces and tabs at either end.
    var trimmed: Self {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }
}
