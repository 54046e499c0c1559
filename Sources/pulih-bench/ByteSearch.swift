import Glibc

extension [UInt8] {
    /// Where `text` first stands among the first `count` bytes.
    func firstIndex(of text: String, within count: Int? = nil) -> Int? {
        var text = text
        return withUnsafeBytes { bytes in text.withUTF8 { find($0, in: bytes.prefix(count ?? bytes.count)) } }
    }
}

/// By the places of the first byte, which the C library finds many at a time.
private func find(_ text: UnsafeBufferPointer<UInt8>, in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard let start = bytes.base.baseAddress, let wanted = text.baseAddress else { return nil }
    var index = 0
    while case let left = bytes.count - index, left >= text.count,
        let found = memchr(start + index, Int32(wanted[0]), left - text.count + 1)
    {
        if memcmp(found, wanted, text.count) == 0 { return UnsafeRawPointer(found) - start }
        index = UnsafeRawPointer(found) - start + 1
    }
    return nil
}

/// What stands between `start` and the next `end`.
func value(after start: String, in text: String, until end: Character) -> String? {
    let bytes = Array(text.utf8)
    guard let index = bytes.firstIndex(of: start) else { return nil }
    return String(decoding: bytes[(index + start.utf8.count)...].prefix { $0 != end.asciiValue }, as: UTF8.self)
}
