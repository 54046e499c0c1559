/// Writes a tree as JSON (RFC 8259). Foundation's encoder took a third of the time of an answer to an application.
struct JSONTextWriter {
    let isPretty: Bool
    private var bytes: [UInt8] = []
    private var depth = 0

    static func bytes(_ tree: JSONTree, isPretty: Bool) -> [UInt8] {
        var writer = JSONTextWriter(isPretty: isPretty)
        writer.bytes.reserveCapacity(512)
        writer.write(tree)
        return writer.bytes
    }

    private mutating func write(_ tree: JSONTree) {
        switch tree {
        case .null: append("null")
        case .flag(let flag): append(flag ? "true" : "false")
        case .number(let number): write(number)
        case .text(let text): write(text)
        case .list(let list):
            write(list, UInt8(ascii: "["), UInt8(ascii: "]")) { writer, element in writer.write(element) }
        case .object(let object):
            write(object.sorted { $0.key < $1.key }, UInt8(ascii: "{"), UInt8(ascii: "}")) { writer, member in
                writer.write(member.key)
                writer.bytes.append(UInt8(ascii: ":"))
                if writer.isPretty { writer.bytes.append(UInt8(ascii: " ")) }
                writer.write(member.value)
            }
        }
    }

    private mutating func write<Element>(
        _ elements: [Element], _ opening: UInt8, _ closing: UInt8,
        _ body: (inout JSONTextWriter, Element) -> Void
    ) {
        bytes.append(opening)
        depth += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine()
            body(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { breakLine() }
        bytes.append(closing)
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        append("\n")
        for _ in 0..<depth { append("  ") }
    }

    private mutating func write(_ number: Double) {
        if let whole = Int64(exactly: number) {
            bytes += "\(whole)".utf8
        } else {
            // JSON knows neither infinity nor what is no number.
            bytes += number.isFinite ? "\(number)".utf8 : "null".utf8
        }
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { text in
            var rest = text[...]
            while let special = rest.firstIndex(where: Self.needsEscape) {
                bytes += rest[..<special]
                escape(rest[special])
                rest = rest[(special + 1)...]
            }
            bytes += rest
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        default: bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
        }
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
