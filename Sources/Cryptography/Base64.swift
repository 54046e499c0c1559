/// Base64 (RFC 4648, section 4) as password hashes are written with it.
enum Base64 {
    /// Without padding, as PHC strings have it.
    static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: Base64URL.encode(bytes).utf8.map(standard), as: UTF8.self)
    }

    /// With or without padding; passlib writes "." for "+". Nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        var symbols = Array(text.utf8)
        while symbols.last == UInt8(ascii: "=") { symbols.removeLast() }
        guard text.utf8.count - symbols.count <= 2,
            symbols.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") })
        else { return nil }
        return Base64URL.decode(
            String(
                decoding: symbols.map { symbol in
                    switch symbol {
                    case UInt8(ascii: "+"), UInt8(ascii: "."): UInt8(ascii: "-")
                    case UInt8(ascii: "/"): UInt8(ascii: "_")
                    default: symbol
                    }
                }, as: UTF8.self))
    }

    private static func standard(_ symbol: UInt8) -> UInt8 {
        switch symbol {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: symbol
        }
    }
}

/// Numbers as password hashes write their costs.
enum CostNumber {
    /// One to ten digits without a leading zero; `Int(_:)` would take a sign.
    static func parse(_ text: some StringProtocol) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...10).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy(digits.contains)
        else { return nil }
        return Int(text)
    }
}
