/// The file with the secret of an application that logs in by OpenID Connect.
package enum ClientSecretFile {
    private static let shortest = 32

    /// One secret, or two during a rotation.
    package static func read(_ path: String) throws(SecretFileError) -> [String] {
        let lines = try SecretFile.lines(path)
        // What needs no escape anywhere is the same in a header, a form and a file.
        let isSound = lines.allSatisfy { line in
            (shortest...256).contains(line.utf8.count) && line.utf8.allSatisfy(isUnreserved)
        }
        guard isSound, (1...2).contains(lines.count) else {
            throw SecretFileError(
                sentence:
                    "\(path) must hold one line, or two during a rotation, each of \(shortest) to 256 letters, digits, "
                    + "\"-\", \".\", \"_\" or \"~\", as this makes it: openssl rand -hex 32")
        }
        return lines
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
