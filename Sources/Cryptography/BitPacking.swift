/// What Base32 and Base64 share: bytes cut into symbols of a few bits each, most significant bit first.
enum BitPacking {
    static func encode(_ bytes: [UInt8], bitsPerSymbol: Int, symbol: (UInt8) -> UInt8) -> String {
        let mask = (UInt32(1) << bitsPerSymbol) - 1
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + bitsPerSymbol - 1) / bitsPerSymbol)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= bitsPerSymbol {
                bits -= bitsPerSymbol
                text.append(symbol(UInt8(buffer >> bits & mask)))
            }
        }
        if bits > 0 { text.append(symbol(UInt8(buffer << (bitsPerSymbol - bits) & mask))) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for a symbol without a value and, unless `isLenient`, for a last symbol that carries no bit of a byte, or set bits
    /// after the last byte.
    static func decode(
        _ symbols: some Collection<UInt8>, bitsPerSymbol: Int, isLenient: Bool = false, value: (UInt8) -> UInt8?
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(symbols.count * bitsPerSymbol / 8)
        var buffer: UInt32 = 0
        var bits = 0
        for symbol in symbols {
            guard let value = value(symbol) else { return nil }
            buffer = buffer << bitsPerSymbol | UInt32(value)
            bits += bitsPerSymbol
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        let leftover = buffer & ((UInt32(1) << bits) - 1)
        return isLenient || bits < bitsPerSymbol && leftover == 0 ? bytes : nil
    }
}
