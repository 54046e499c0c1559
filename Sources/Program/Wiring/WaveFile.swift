/// WAV files (RIFF) as they come through a pipe.
enum WaveFile {
    /// A program that writes to a pipe does not know the length when it writes the header and cannot come back to it, so
    /// it leaves a wrong one there, which browsers take for the duration. Here both sizes become what they are.
    static func repairingLengths(_ bytes: [UInt8]) throws(ChildProcessError) -> [UInt8] {
        guard bytes.count >= 12, has("RIFF", bytes, at: 0), has("WAVE", bytes, at: 8) else {
            throw ChildProcessError(detail: "its output is no WAV file but \(bytes.count) bytes of something else")
        }
        var start = 12
        while start + 8 <= bytes.count, !has("data", bytes, at: start) {
            // A chunk of odd length is followed by a byte that does not count.
            let length = size(bytes, at: start + 4)
            start += 8 + length + length % 2
        }
        // Samples are two bytes long; half of one at the end is none.
        let length = (bytes.count - start - 8) / 2 * 2
        guard length > 0 else { throw ChildProcessError(detail: "its output is a WAV file without sound") }
        var repairingLengths = Array(bytes.prefix(start + 8 + length))
        set(&repairingLengths, at: 4, to: repairingLengths.count - 8)
        set(&repairingLengths, at: start + 4, to: length)
        return repairingLengths
    }

    private static func has(_ name: String, _ bytes: [UInt8], at start: Int) -> Bool {
        bytes[start..<start + 4].elementsEqual(name.utf8)
    }

    /// Sizes are 32 bits, lowest byte first.
    private static func size(_ bytes: [UInt8], at start: Int) -> Int {
        bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func set(_ bytes: inout [UInt8], at start: Int, to size: Int) {
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
    }
}
