import CQREncode
import Glibc

// Pictures: QR codes as SVG and captchas as PNG. It knows no account and no page. Begin here and with `Captcha`.

/// QR codes (ISO/IEC 18004) as inline SVG.
package enum QRCode {
    /// Modules of white that readers need on each side (ISO/IEC 18004, 9.1).
    private static let quietZone = 4

    /// An `svg` element for the middle of an HTML page: as wide as its container, and black on white whatever the page's
    /// colours are, because many readers do not see a code that is light on dark.
    ///
    /// Error correction is M: 15 % of the symbol may be spoilt.
    ///
    /// - Parameters:
    ///   - text: what a reader of the code gets; at most 2,331 bytes.
    ///   - label: tells those who do not see the picture what it is.
    /// - Returns: the element, self-contained: no style, no script, no identifiers.
    /// - Throws: `unsuitableText` for what does not fit.
    package static func svg(for text: String, label: String) throws(PictureError) -> String {
        let rows = try modules(for: text)
        let width = rows.count + 2 * quietZone
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(width)" role="img" \
            aria-label="\(escaped(label))" shape-rendering="crispEdges">\
            <rect width="\(width)" height="\(width)" fill="#fff"/>\
            <path fill="#000" d="\(path(of: rows))"/></svg>
            """
    }

    /// The symbol without its quiet zone, true for a dark module.
    private static func modules(for text: String) throws(PictureError) -> [[Bool]] {
        // The library takes a C string, which would end at a NUL.
        guard !text.isEmpty, !text.utf8.contains(0) else { throw .unsuitableText(bytes: text.utf8.count) }
        guard let symbol = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else {
            let code = errno
            guard code != ERANGE else { throw .unsuitableText(bytes: text.utf8.count) }
            throw .library(name: "libqrencode", message: String(cString: strerror(code)))
        }
        defer { QRcode_free(symbol) }
        let width = Int(symbol.pointee.width)
        let data = UnsafeBufferPointer(start: symbol.pointee.data, count: width * width)
        return (0..<width).map { row in data[row * width..<(row + 1) * width].map { $0 & 1 == 1 } }
    }

    /// One rectangle for each run of dark modules.
    private static func path(of rows: [[Bool]]) -> String {
        var path = ""
        for (y, row) in rows.enumerated() {
            var x = 0
            while x < row.count {
                let length = row[x...].prefix { $0 == row[x] }.count
                if row[x] { path += "M\(x + quietZone) \(y + quietZone)h\(length)v1h-\(length)z" }
                x += length
            }
        }
        return path
    }

    private static func escaped(_ label: String) -> String {
        var escaped = ""
        for scalar in label.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
