import Cryptography

/// The address that every mail's return address is made of (`mail.bounce`), such as `bounce@example.org`.
package struct ReturnMailbox: Sendable, Equatable {
    package let text: String
    private let local: String
    private let domain: String

    /// What follows the local part: `+`, a number of at most 19 digits, a dot, 16 characters of tag.
    private static let longestTail = 1 + 19 + 1 + ReturnAddress.tagLength

    /// Bytes of local part that leave room for number and tag within the 64 of RFC 5321 section 4.5.3.1.1.
    package static let longestLocalPart = 64 - longestTail

    /// Nil for what is no address, and for one whose local part is too long.
    package init?(_ text: String) {
        guard EmailAddress(text) != nil, text.utf8.count + Self.longestTail <= 254,
            let at = text.firstIndex(of: "@"), text[..<at].utf8.count <= Self.longestLocalPart
        else { return nil }
        self.text = text
        local = String(text[..<at])
        domain = String(text[text.index(after: at)...])
    }

    func address(_ number: Int64, _ tag: String) -> String { "\(local)+\(number).\(tag)@\(domain)" }

    /// The number and tag in an address of this mailbox, in whatever case: relays and mailers change it.
    /// - Returns: nil for any other address. Says nothing yet on whether the address is genuine.
    package func read(_ address: String) -> ReturnAddress? {
        let address = address.lowercased()
        let (head, tail) = ("\(local)+".lowercased(), "@\(domain)".lowercased())
        guard address.hasPrefix(head), address.hasSuffix(tail), address.utf8.count > head.utf8.count + tail.utf8.count
        else { return nil }
        let parts = address.dropFirst(head.count).dropLast(tail.count)
            .split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, "\(number)" == parts[0],
            parts[1].utf8.count == ReturnAddress.tagLength, Base32.decode(parts[1])?.count == ReturnAddress.tagBytes
        else { return nil }
        return ReturnAddress(job: number, tag: parts[1], text: self.address(number, parts[1]))
    }
}

/// The envelope sender of one job's mail: what comes back names the job, and the tag shows that we gave the address out.
package struct ReturnAddress: Sendable, Equatable {
    package let job: Int64
    /// Base32 in lower case.
    package let tag: String
    package let text: String

    static let tagBytes = 10
    static let tagLength = 16

    /// What the store keeps of the tag: enough to recognise it, too little to make it.
    package var digest: [UInt8] { Digest.sha256(Array("return-address:\(tag)".utf8)) }
}

/// Makes return addresses: `bounce+NUMBER.TAG@example.org`, tag = the first 80 bits of HMAC-SHA256 over number and time
/// of the job, with a key derived from the link key of that time.
///
/// Each try of a mail has the same one. Who makes them needs the link key; who reads what comes back needs only the
/// digest that the store keeps, so that the program that the mail system runs reads no key.
package struct ReturnAddresses: Sendable {
    private let mailbox: ReturnMailbox
    private let keys: SigningKeys

    /// - Parameter keys: the link keys.
    package init(mailbox: ReturnMailbox, keys: SigningKeys) {
        self.mailbox = mailbox
        self.keys = keys
    }

    package func address(for job: Job) -> ReturnAddress {
        let key = keys.key(at: job.createdAt).derived(for: "return-address")
        // The time tells apart jobs of one number, before and after a backup was restored.
        let message = Array("\(job.id):\(job.createdAt.milliseconds)".utf8)
        let code = HMAC.code(.sha256, key: key.bytes, message: message)
        let tag = Base32.encode(Array(code.prefix(ReturnAddress.tagBytes))).lowercased()
        return ReturnAddress(job: job.id, tag: tag, text: mailbox.address(job.id, tag))
    }
}
