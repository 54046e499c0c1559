import CArgon2

/// An argon2 hash in PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
struct PHCString {
    let variant: argon2_type
    let memoryKiB: Int
    let passes: Int
    let lanes: Int
    /// 0x13; the one before it, 0x10, is verified all the same.
    let isCurrentVersion: Bool
    let salt: [UInt8]
    let hash: [UInt8]

    /// Nil for another algorithm, or any other spelling than libargon2's own.
    init?(_ text: String) {
        // As bytes: a NUL would end the text early for C, and Character comparison knows equivalences.
        let fields = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        // Version 0x10 is written as v=16, or not at all by what came before versions.
        let isVersioned = fields.count == 6 && ["v=19", "v=16"].contains { fields[2].elementsEqual($0.utf8) }
        guard isVersioned || fields.count == 5, fields[0].isEmpty,
            let variant = Self.variants[String(decoding: fields[1], as: UTF8.self)]
        else { return nil }
        let rest = fields[(isVersioned ? 3 : 2)...]
        let costs = rest[rest.startIndex].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard costs.count == 3, let memoryKiB = Self.number(costs[0], named: "m="),
            let passes = Self.number(costs[1], named: "t="), let lanes = Self.number(costs[2], named: "p="),
            let salt = Self.bytes(rest[rest.endIndex - 2]), let hash = Self.bytes(rest[rest.endIndex - 1])
        else { return nil }
        self.variant = variant
        self.memoryKiB = memoryKiB
        self.passes = passes
        self.lanes = lanes
        self.isCurrentVersion = isVersioned && fields[2].elementsEqual("v=19".utf8)
        self.salt = salt
        self.hash = hash
    }

    /// What makes the same hash of the same password.
    var function: Argon2 {
        Argon2(
            variant: variant, version: isCurrentVersion ? ARGON2_VERSION_13 : ARGON2_VERSION_10,
            memory: UInt32(clamping: memoryKiB), passes: UInt32(clamping: passes), lanes: UInt32(clamping: lanes))
    }

    /// Whether checking it stays within what an imported hash may cost: 1 GiB, 32 passes, 16 lanes.
    var isAffordable: Bool {
        memoryKiB <= 1_048_576 && passes <= 32 && lanes <= 16
    }

    private static let variants = ["argon2id": Argon2_id, "argon2i": Argon2_i, "argon2d": Argon2_d]

    private static func number(_ field: Substring.UTF8View, named name: String) -> Int? {
        let digits = field.dropFirst(name.utf8.count)
        guard field.starts(with: name.utf8), (1...10).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Base64 without padding. Nil where there is anything else, and where there is nothing.
    private static func bytes(_ field: Substring.UTF8View) -> [UInt8]? {
        field.isEmpty || !field.allSatisfy(isBase64) ? nil : Base64.decode(String(decoding: field, as: UTF8.self))
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
