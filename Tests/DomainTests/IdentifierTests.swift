import Domain
import Testing

@Suite("User IDs and addresses")
struct IdentifierTests {
    /// What has slipped through the validators of others: line breaks, NUL, quotes, and letters that look like letters.
    static let foreign = [
        "", " ", "bu di", "bu\ndi", "bu\r\ndi", "budi\u{0}", "\u{0}", "budi\u{0}@example.org", "bu\tdi", "bu\u{a0}di",
        "<budi>", "budi;", "budi,siti", "\"budi\"", "budi'", "budi\\",
        "budi/..",
        "\u{212A}evin", "bud\u{131}", "\u{130}budi", "e\u{301}", "\u{e9}", "\u{ff42}udi", "\u{430}udi", "budi\u{301}",
        "budi\u{200b}", "\u{202e}idub", "🙂", "%62udi", "budi\r\nRCPT TO:<evil@example.com>",
    ]

    @Test("A User ID is plain", arguments: ["a", "A", "7", "budi", "Budi.Santoso-2_x", "budi@example.org", "...", "-"])
    func userID(text: String) {
        #expect(UserID(text)?.text == text)
    }

    @Test("What is not plain ASCII is no User ID", arguments: foreign)
    func noUserID(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test(
        "White space around it does not count, line ends included",
        arguments: [
            " ", "  ", "\t", "\n", "\r\n", "\u{b}", "\u{85}", "\u{a0}", "\u{1680}", "\u{2003}", "\u{2028}", "\u{202f}",
            "\u{205f}", "\u{3000}",
        ])
    func surrounded(space: String) {
        for text in ["\(space)Budi", "Budi\(space)", "\(space)Budi\(space)\(space)"] {
            #expect(UserID(text)?.text == "Budi")
        }
        #expect(EmailAddress("\(space)Budi@example.org\(space)")?.text == "Budi@example.org")
    }

    @Test("Every byte is either one of the allowed ones or refused")
    func everyByte() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@".unicodeScalars)
        for value in (0...0x2ff) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect((UserID(String(scalar)) != nil) == allowed.contains(scalar), "U+\(String(value, radix: 16))")
        }
    }

    @Test("A User ID has 1 to 64 bytes")
    func length() {
        #expect(UserID(String(repeating: "a", count: 64)) != nil)
        #expect(UserID(String(repeating: "a", count: 65)) == nil)
    }

    @Test(
        "A masked User ID shows enough to recognise one's own",
        arguments: [("a", "a•••"), ("budi", "b•••"), ("budis", "bu•••is"), ("budi.santoso", "bu•••so")])
    func masked(text: String, masked: String) {
        #expect(UserID(text)?.masked == masked)
    }

    @Test("User IDs that differ in case alone are equal, and keep their spelling")
    func caseDoesNotMatter() {
        #expect(UserID("Budi") == UserID("bUDI"))
        #expect(Set([UserID("Budi"), UserID("BUDI"), UserID("siti")]).count == 2)
        #expect(UserID("Budi")?.text == "Budi")
        #expect(UserID("Budi")?.key == "budi")
    }

    @Test(
        "An address that a relay takes",
        arguments: [
            "a@b", "budi@example.org", "budi.santoso+reset@mail.example.co.id", "!#$%&'*+/=?^_`{|}~-@example.org",
            "1@1.2",
            "budi@xn--bcher-kva.example", "BUDI@EXAMPLE.ORG",
        ])
    func address(text: String) {
        #expect(EmailAddress(text)?.text == text)
    }

    @Test(
        "What is no address, or none that is safe in an envelope",
        arguments: foreign + [
            "budi", "@", "budi@", "@example.org", "budi@@example.org", "bu@di@example.org", ".budi@example.org",
            "budi.@example.org", "bu..di@example.org", "budi@.example.org", "budi@example.org.", "budi@example..org",
            "budi@-example.org", "budi@example-.org", "budi@exa_mple.org", "budi@[192.0.2.1]", "\"bu di\"@example.org",
            "budi@example.org>", "<budi@example.org", "budi@example.org, evil@example.com", "Budi <budi@example.org>",
            "budi@example.org\r\nBcc: evil@example.com", "budi@example.org\u{0}",
            "budi@exam\u{0}ple.org",
            "budi@ex\u{430}mple.org", "budi@example.\u{ff4f}rg", "b\u{fc}di@example.org", "budi(c)@example.org",
            "bu:di@example.org",
        ])
    func noAddress(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test("The limits of RFC 5321: local part 64, label 63, whole 254")
    func limits() {
        func address(local: Int, labels: [Int]) -> EmailAddress? {
            EmailAddress(
                String(repeating: "a", count: local) + "@"
                    + labels.map { String(repeating: "b", count: $0) }.joined(separator: "."))
        }
        #expect(address(local: 64, labels: [3]) != nil)
        #expect(address(local: 65, labels: [3]) == nil)
        #expect(address(local: 1, labels: [63, 3]) != nil)
        #expect(address(local: 1, labels: [64, 3]) == nil)
        // 64 + 1 + 189 = 254
        #expect(address(local: 64, labels: [63, 63, 61]) != nil)
        #expect(address(local: 64, labels: [63, 63, 62]) == nil)
    }

    @Test("Addresses are equal when their bytes are")
    func equality() {
        #expect(EmailAddress("budi@example.org") != EmailAddress("Budi@example.org"))
        #expect(EmailAddress("budi@example.org") == EmailAddress("budi@example.org"))
    }

    @Test("A user type is shown in the language asked for, else in Indonesian, else by its id")
    func userTypes() {
        let both = UserType(id: "penyedia", labels: [.indonesian: "Penyedia", .english: "Provider"])
        #expect(both.label(.english) == "Provider")
        #expect(UserType(id: "penyedia", labels: [.indonesian: "Penyedia"]).label(.english) == "Penyedia")
        #expect(UserType(id: "penyedia", labels: [:]).label(.english) == "penyedia")
    }
}
