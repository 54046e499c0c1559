import Domain
import Pictures
import Testing

@testable import Program

@Suite("WAV files from a pipe, and what they say")
struct WaveFileTests {
    private static let wrong: [UInt8] = [0x24, 0xf0, 0xff, 0x7f]
    private static let head = Array("RIFF".utf8) + wrong + Array("WAVE".utf8)
    private static let format = Array("fmt ".utf8) + [2, 0, 0, 0, 1, 0]

    private func repairingLengths(_ bytes: [UInt8]) throws -> [UInt8] { try WaveFile.repairingLengths(bytes) }

    @Test("Both sizes become what they are")
    func sizes() throws {
        let bytes = Self.head + Self.format + Array("data".utf8) + Self.wrong + [1, 2, 3, 4]
        let repairingLengths = try repairingLengths(bytes)
        #expect(repairingLengths.count == bytes.count)
        #expect(Array(repairingLengths[4..<8]) == [UInt8(bytes.count - 8), 0, 0, 0])
        #expect(Array(repairingLengths[26...]) == [4, 0, 0, 0, 1, 2, 3, 4])
        #expect(try self.repairingLengths(repairingLengths) == repairingLengths)
    }

    @Test("A chunk of odd length has a byte behind it; half a sample at the end is none")
    func padding() throws {
        let bytes = Self.head + Array("note".utf8) + [3, 0, 0, 0, 7, 7, 7, 0] + Array("data".utf8) + Self.wrong
        let repairingLengths = try repairingLengths(bytes + [1, 2, 3])
        #expect(Array(repairingLengths.suffix(6)) == [2, 0, 0, 0, 1, 2])
        #expect(repairingLengths[4] == UInt8(repairingLengths.count - 8))
    }

    @Test(
        "What is no WAV file, or has no sound, is a fault",
        arguments: [
            [], Array("RIFF".utf8), head, head + format, head + Array("data".utf8), head + Array("data".utf8) + wrong,
            head + Array("data".utf8) + wrong + [1], head + Array("junk".utf8) + [255, 255, 255, 255, 1],
            Array("{\"error\": \"no voice\"}".utf8),
        ])
    func faults(bytes: [UInt8]) {
        #expect(throws: ChildProcessError.self) { try repairingLengths(bytes) }
    }

    @Test("Every letter of a code has a name of its own in every language", arguments: Language.allCases)
    func names(language: Language) throws {
        let letters = Captcha.alphabet + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let names = Set(letters).compactMap { SpellingAlphabet.text(String($0), language: language) }
        #expect(names.count == 36 && Set(names).count == 36)
        // Taken for a sentence of its own by the ear: no two letters share what follows their bare name.
        let words = names.map { $0.split(separator: " ").last.map(String.init) ?? "" }
        #expect(Set(words).count == 36)
        #expect(SpellingAlphabet.text("3A", language: .english) == "number 3. A, as in Alpha.")
        #expect(SpellingAlphabet.text("3A", language: .indonesian) == "angka 3. A, seperti Ambon.")
    }
}
