import Testing

@testable import Cryptography

@Suite("SecretKey")
struct SecretKeyTests {
    @Test("has at least 32 bytes")
    func length() {
        #expect(SecretKey(bytes: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(SecretKey(bytes: []) == nil)
        #expect(SecretKey(bytes: [UInt8](repeating: 1, count: 32)) != nil)
        #expect(SecretKey(bytes: [UInt8](repeating: 1, count: 64)) != nil)
    }

    @Test("shows its bytes in no description")
    func redacted() throws {
        let key = try #require(SecretKey(bytes: [UInt8](repeating: 0xA7, count: 32)))
        var dumped = ""
        dump(["key": key], to: &dumped)
        let holder = (name: "holder", key: key)
        for text in ["\(key)", String(reflecting: key), "\(holder)", "\([key])", dumped] {
            #expect(text.contains("SecretKey(…)"))
            #expect(!text.contains("167"))
            #expect(!text.lowercased().contains("a7"))
        }
    }

    /// RFC 5869, appendix A, test cases 1 and 2: the first block of output.
    @Test(
        "derives by HKDF-Expand",
        arguments: [
            (
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5", "f0f1f2f3f4f5f6f7f8f9",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            ),
            (
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                """
                b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7\
                d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
                """,
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            ),
        ])
    func derivation(key: String, information: String, output: String) throws {
        let key = try #require(SecretKey(bytes: hex(key)))
        #expect(key.derived(information: hex(information)).bytes == hex(output))
    }

    @Test("gives each purpose a key of its own")
    func purposes() throws {
        let key = try #require(SecretKey(bytes: [UInt8](repeating: 1, count: 32)))
        let purposes = ["", "link", "links", "seal", "é", "e\u{301}"]
        #expect(Set(purposes.map { key.derived(for: $0).bytes }).count == purposes.count)
        #expect(key.derived(for: "link").bytes == key.derived(for: "link").bytes)
    }
}
