/// Percent-encoded text (RFC 3986 section 2.1), decoded strictly.
enum PercentEncoding {
    /// Decodes; in forms and queries, not in paths, a plus is a space.
    /// - Throws: `malformedEncoding` for a bad escape, a NUL, or bytes that are not UTF-8.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(RequestError) -> String {
        // Nearly all names and many values are themselves.
        let isItself = bytes.allSatisfy {
            $0 != UInt8(ascii: "%") && $0 != 0 && $0 < 0x80 && !(plusIsSpace && $0 == UInt8(ascii: "+"))
        }
        if isItself { return String(decoding: bytes, as: UTF8.self) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.endIndex, let high = bytes[index].hexadecimalValue,
                    let low = bytes[index + 1].hexadecimalValue
                else { throw .malformedEncoding }
                byte = high << 4 | low
                index += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            }
            guard byte != 0 else { throw .malformedEncoding }
            decoded.append(byte)
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .malformedEncoding }
        return text
    }
}
