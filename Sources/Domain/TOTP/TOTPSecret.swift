package import Cryptography

/// The key that an account shares with its authenticator app; shown by no description.
package struct TOTPSecret: Sendable {
    /// 160 bits, as RFC 4226, section 4 (R6) recommends.
    package static let defaultByteCount = 20

    /// 80 bits are what most apps and servers made for years; nobody makes secrets longer than the block of SHA-512.
    package static let byteCounts = 10...128

    /// RFC 4226, section 4 (R6) requires 128 bits: what has fewer is imported, and its owner asked for a new one.
    package static let strongByteCount = 16

    package let bytes: [UInt8]

    /// Nil unless there are 10 to 128 bytes.
    package init?(bytes: [UInt8]) {
        guard Self.byteCounts.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// A new secret of 160 bits.
    package init(random: any RandomSource) {
        bytes = random.bytes(Self.defaultByteCount)
    }

    package var isWeak: Bool { bytes.count < Self.strongByteCount }

    /// As apps import it: Base32, upper case, no padding.
    package var base32: String {
        Base32.encode(bytes)
    }

    /// As people type it: Base32 in groups of four, with spaces between.
    package var manualKey: String {
        var grouped: [UInt8] = []
        for (index, letter) in base32.utf8.enumerated() {
            if index > 0, index.isMultiple(of: 4) { grouped.append(UInt8(ascii: " ")) }
            grouped.append(letter)
        }
        return String(decoding: grouped, as: UTF8.self)
    }
}

extension TOTPSecret: Equatable {
    package static func == (a: TOTPSecret, b: TOTPSecret) -> Bool {
        constantTimeEqual(a.bytes, b.bytes)
    }
}

extension TOTPSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "TOTPSecret(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
