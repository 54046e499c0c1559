/// Header fields in order; names are compared without regard to case (RFC 9110 section 5.1).
///
/// They are kept as they stand on the wire, in one piece: of a request's headers most are never asked for, and text is made of
/// those that are.
package struct Headers: Sendable {
    /// Names and values, each with a NUL behind it, as C wants them.
    private var bytes: [UInt8] = []
    private var lines: [Line] = []

    /// Where a name and its value are in `bytes`.
    private struct Line {
        let name: Range<Int>
        let value: Range<Int>
    }

    package init(_ fields: [Field] = []) {
        for field in fields { append(field.name, field.value) }
    }

    /// As they came, or were set.
    package var fields: [Field] { lines.map { Field(name: text($0.name), value: text($0.value)) } }

    package var isEmpty: Bool { lines.isEmpty }

    /// The first value under the name.
    package subscript(name: String) -> String? {
        lines.first { isNamed($0, name) }.map { text($0.value) }
    }

    /// Every value under the name, in order.
    package func values(_ name: String) -> [String] {
        lines.lazy.filter { isNamed($0, name) }.map { text($0.value) }
    }

    /// Hands every value under the name to `body`, in order, as its bytes.
    func eachValue(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            for line in lines where isNamed(line, name) { body(UnsafeBufferPointer(rebasing: bytes[line.value])) }
        }
    }

    mutating func append(_ name: String, _ value: String) { append(name.utf8, value.utf8) }

    mutating func append(_ name: some Collection<UInt8>, _ value: some Collection<UInt8>) {
        lines.append(Line(name: add(name), value: add(value)))
    }

    mutating func replace(_ name: String, _ value: String) {
        if lines.contains(where: { isNamed($0, name) }) { lines = lines.filter { !isNamed($0, name) } }
        append(name, value)
    }

    /// Appends those lines of another head whose names are not here.
    mutating func appendMissing(from other: Headers) {
        other.bytes.withUnsafeBufferPointer { bytes in
            for line in other.lines {
                let name = UnsafeBufferPointer(rebasing: bytes[line.name])
                guard !lines.contains(where: { isNamed($0, name) }) else { continue }
                append(name, UnsafeBufferPointer(rebasing: bytes[line.value]))
            }
        }
    }

    /// Makes room for a whole head at once.
    mutating func reserveCapacity(bytes size: Int, lines count: Int) {
        bytes.reserveCapacity(size)
        lines.reserveCapacity(count)
    }

    /// Hands each name and value to `body`, which may end it by answering false.
    /// - Returns: whether it took all.
    func areAll(_ body: (_ name: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) -> Bool) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return true }
            return lines.allSatisfy { body(start + $0.name.lowerBound, start + $0.value.lowerBound) }
        }
    }

    private mutating func add(_ text: some Collection<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        bytes.append(0)
        return start..<(bytes.count - 1)
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isNamed(_ line: Line, _ name: String) -> Bool { isNamed(line, name.utf8) }

    private func isNamed(_ line: Line, _ name: some Collection<UInt8>) -> Bool {
        guard line.name.count == name.count else { return false }
        return bytes.withUnsafeBufferPointer { sameIgnoringCase($0[line.name], name) }
    }
}
