import Domain
import Foundation
import Support
import Testing

@testable import Program
import Threading

/// Security codes read aloud by the real espeak-ng. One after another: the programs that run are counted.
@Suite("The voice", .serialized, .enabled(if: EspeakSynthesizer.find(path: "") != nil))
struct EspeakSynthesizerTests {
    private static let codes = ["333333", "WWWWWW", "YYYYYY", "36ACEH", "KPRWXY"]
    private let program: String

    init() throws { program = try #require(EspeakSynthesizer.find(path: "")) }

    private func number(_ bytes: [UInt8], at start: Int, length: Int = 4) -> Int {
        bytes[start..<start + length].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    @Test("A code is a WAV file that tells its own length, 3 to 20 s of it", arguments: codes, Language.allCases)
    func header(code: String, language: Language) throws {
        let sound = try EspeakSynthesizer(program: program).speak(code, language: language)
        #expect(String(decoding: sound[0..<4], as: UTF8.self) == "RIFF")
        #expect(String(decoding: sound[8..<16], as: UTF8.self) == "WAVEfmt ")
        #expect(number(sound, at: 4) == sound.count - 8)
        // PCM, one channel, 16 bits.
        #expect((number(sound, at: 20, length: 2), number(sound, at: 22, length: 2)) == (1, 1))
        #expect(number(sound, at: 34, length: 2) == 16)
        #expect(String(decoding: sound[36..<40], as: UTF8.self) == "data")
        #expect(number(sound, at: 40) == sound.count - 44)
        let seconds = Double(sound.count - 44) / Double(number(sound, at: 28))
        #expect((3...20).contains(seconds), "\(seconds) s")
        #expect(Set(sound[44...]).count > 100, "it is silent")
    }

    @Test("Each code and language has a sound of its own, and always the same")
    func different() throws {
        let voice = EspeakSynthesizer(program: program)
        let codes = ["36ACEH", "36ACEK", "63ACEH", "36ACE3"]
        let sounds = try Language.allCases.flatMap { language in
            try codes.map { try voice.speak($0, language: language) }
        }
        #expect(Set(sounds).count == sounds.count)
        #expect(try voice.speak(codes[0], language: Language.allCases[0]) == sounds[0])
    }

    @Test("A hundred at once: two speak, the others are told so, none hangs, and no zombie is left")
    func crowd() throws {
        let voice = EspeakSynthesizer(program: program)
        let most = Monitor(0)
        let isOver = Monitor(false)
        Foundation.Thread.detachNewThread {
            while !isOver.withLock({ $0 }) {
                let running = Children.named("espeak-ng").count
                most.withLock { $0 = max($0, running) }
            }
        }
        let outcomes = try inParallel(100) { _ -> SpeechError? in
            do {
                _ = try voice.speak("36ACEH", language: .english)
                return nil
            } catch let error as SpeechError {
                return error
            }
        }
        isOver.withLock { $0 = true }
        #expect(outcomes.allSatisfy { $0 == nil || $0 == .busy }, "\(outcomes.compactMap { $0 }.map(\.detail))")
        #expect(outcomes.contains(.busy) && outcomes.contains(nil))
        #expect(most.withLock { $0 } <= 2, "\(most.withLock { $0 }) ran at once")
        #expect(Children.named("espeak-ng").isEmpty)
        _ = try voice.speak("36ACEH", language: .indonesian)
    }

    @Test("A run that failed gives its voice back")
    func failure() throws {
        let voice = EspeakSynthesizer(program: "/bin/false", bounds: .init(voices: 1))
        for _ in 0..<3 {
            #expect(throws: SpeechError.failed(detail: "/bin/false: it ended with wait status 256")) {
                try voice.speak("36ACEH", language: .english)
            }
        }
    }

    @Test("What is no code is not spoken", arguments: ["", "a", "É", "3 A", "-v", "$(id)", "[[", "\u{0}"])
    func strangeLetters(letters: String) {
        #expect(throws: SpeechError.self) { try EspeakSynthesizer(program: program).speak(letters, language: .english) }
    }

    @Test("The program is found along PATH, in absolute folders alone")
    func find() throws {
        let folder = try TemporaryFolder()
        let own = try folder.write("", to: "a/espeak-ng", mode: 0o700)
        try folder.write("", to: "b/espeak-ng", mode: 0o600)
        try folder.write("", to: "c/espeak-ng/x")
        #expect(EspeakSynthesizer.find(path: "\(folder.file("b")):\(folder.file("c")):\(folder.file("a"))") == own)
        #expect(EspeakSynthesizer.find(path: ".:relative:\(folder.file("none"))") == "/usr/bin/espeak-ng")
    }
}

/// The programs that this process runs, or left as zombies.
enum Children {
    static func named(_ name: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { entry in
            guard Int(entry) != nil, let stat = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                stat.contains("(\(name))")
            else { return false }
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[1] == "\(getpid())"
        }
    }
}
