/// Comma-separated values (RFC 4180): quoted fields may hold commas, doubled quotes and line breaks.
enum CSV {
    struct Record: Equatable {
        /// The line it starts on, from 1.
        let line: Int
        let fields: [String]
    }

    /// - Throws: `CSVError` when a quote is never closed or stands where none may.
    static func parse(_ text: String) throws(CSVError) -> [Record] {
        var records: [Record] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var line = 1
        var start = 1
        var isQuoted = false
        var wasQuoted = false
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }

        func endField() {
            fields.append(String(decoding: field, as: UTF8.self))
            field = []
            wasQuoted = false
        }
        func endRecord() {
            endField()
            if fields != [""] { records.append(Record(line: start, fields: fields)) }
            fields = []
        }
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isQuoted {
                guard byte == UInt8(ascii: "\"") else {
                    field.append(byte)
                    continue
                }
                if bytes.first == UInt8(ascii: "\"") {
                    field.append(byte)
                    bytes.removeFirst()
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: ","): endField()
            case UInt8(ascii: "\n"):
                endRecord()
                start = line
            case UInt8(ascii: "\r") where bytes.first == UInt8(ascii: "\n"): continue
            case UInt8(ascii: "\""):
                guard field.isEmpty, !wasQuoted else { throw CSVError(line: line, sentence: "a quote inside a field") }
                isQuoted = true
                wasQuoted = true
            default:
                guard !wasQuoted else { throw CSVError(line: line, sentence: "text after a closing quote") }
                field.append(byte)
            }
        }
        guard !isQuoted else { throw CSVError(line: start, sentence: "a quote is never closed") }
        endRecord()
        return records
    }
}

struct CSVError: Error, Equatable {
    let line: Int
    let sentence: String
}
