import Glibc

/// Text from files that other programs wrote: UTF-8 and UTF-16, with a byte order mark or without, or whatever iconv(3)
/// knows by name.
enum TextDecoding {
    struct Result: Equatable {
        let text: String
        /// Whether the file was plain UTF-8 without a mark.
        let isPlain: Bool
    }

    /// - Parameter encoding: such as `windows-1252`; nil to find out.
    /// - Throws: `TextDecodingError`.
    static func decode(_ bytes: [UInt8], encoding: String?) throws(TextDecodingError) -> Result {
        let found = encoding ?? detected(bytes)
        let isPlain = found == "UTF-8" && !bytes.starts(with: [0xEF, 0xBB, 0xBF])
        var text: String
        if found == "UTF-8" {
            guard let decoded = String(validating: bytes, as: UTF8.self) else {
                throw .notText(line: line(ofFirstInvalid: bytes))
            }
            text = decoded
        } else {
            text = try converted(bytes, from: found)
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return Result(text: text, isPlain: isPlain)
    }

    /// A table begins with names of columns, whose letters are ASCII: in UTF-16 one byte of each is zero.
    private static func detected(_ bytes: [UInt8]) -> String {
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFF, 0xFE), (.some(1...), 0): "UTF-16LE"
        case (0xFE, 0xFF), (0, .some(1...)): "UTF-16BE"
        default: "UTF-8"
        }
    }

    private static func line(ofFirstInvalid bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    private static func converted(_ bytes: [UInt8], from encoding: String) throws(TextDecodingError) -> String {
        guard !encoding.utf8.contains(0), let converter = iconv_open("UTF-8", encoding),
            converter != iconv_t(bitPattern: -1)
        else { throw .unknownEncoding(encoding) }
        defer { iconv_close(converter) }
        var input = bytes.map(CChar.init(bitPattern:))
        var output: [UInt8] = []
        var chunk = [CChar](repeating: 0, count: 64 * 1024)
        let isWhole = input.withUnsafeMutableBufferPointer { input in
            var (next, left) = (input.baseAddress, input.count)
            while left > 0 {
                let (result, made) = chunk.withUnsafeMutableBufferPointer { chunk in
                    var (free, room) = (chunk.baseAddress, chunk.count)
                    let result = iconv(converter, &next, &left, &free, &room)
                    return (result, chunk.count - room)
                }
                output += chunk.prefix(made).map(UInt8.init(bitPattern:))
                if result == -1, errno != E2BIG { return false }
            }
            return true
        }
        guard isWhole, let text = String(validating: output, as: UTF8.self) else {
            throw .doesNotFit(encoding)
        }
        return text
    }
}

enum TextDecodingError: Error, Equatable {
    /// Neither UTF-8 nor UTF-16.
    case notText(line: Int)
    case unknownEncoding(String)
    /// Bytes that mean nothing in the encoding that was asked for.
    case doesNotFit(String)

    var sentence: String {
        switch self {
        case .notText(let line):
            "is neither UTF-8 nor UTF-16 (line \(line)). A file that Excel on Windows saved as CSV is read with "
                + "--encoding windows-1252"
        case .unknownEncoding(let name): "cannot be read: there is no encoding \(name); iconv --list names them"
        case .doesNotFit(let name): "holds bytes that mean nothing in \(name)"
        }
    }
}
