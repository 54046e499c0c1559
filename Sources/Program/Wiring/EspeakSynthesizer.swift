import Domain
import FoundationEssentials
import Glibc
import Threading

/// Speaks with espeak-ng, a program of its own that is run once for every sound and given nothing but the text.
struct EspeakSynthesizer: SpeechSynthesizer {
    /// How many runs are allowed at a time, and the limits of one run.
    struct Bounds: Sendable {
        var voices = 2
        var seconds = 5.0
        /// 45 s at the 22,050 samples a second that espeak-ng writes.
        var bytes = 2_000_000
    }

    private let program: String
    private let bounds: Bounds
    private let speaking = Monitor(0)

    init(program: String, bounds: Bounds = Bounds()) {
        self.program = program
        self.bounds = bounds
    }

    /// The voice of this machine; nil where espeak-ng is not installed.
    static func installed() -> EspeakSynthesizer? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return find(path: path).map { EspeakSynthesizer(program: $0) }
    }

    /// Where espeak-ng is. Folders that are not absolute are passed over: what they name depends on where one stands.
    static func find(path: String) -> String? {
        let folders = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") } + ["/usr/bin"]
        return folders.lazy.map { "\($0)/espeak-ng" }.first { file in
            var isFolder = false
            let isThere = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
            return isThere && !isFolder && FileManager.default.isExecutableFile(atPath: file)
        }
    }

    func speak(_ letters: String, language: Language) throws -> [UInt8] {
        guard let text = SpellingAlphabet.text(letters, language: language) else {
            throw SpeechError.failed(detail: "the code has letters that have no name")
        }
        guard begin() else { throw SpeechError.busy }
        defer { speaking.withLock { $0 -= 1 } }
        // Slower than the usual 175 words a minute, and 50 ms more between words.
        let arguments = ["-v", language.rawValue, "-s", "130", "-g", "5", "--stdout", "--", text]
        do {
            let output = try ChildProcess.read(
                program, arguments, atMost: bounds.bytes, within: .seconds(bounds.seconds))
            return try WaveFile.repairingLengths(output)
        } catch {
            throw SpeechError.failed(detail: "\(program): \(error.detail)")
        }
    }

    /// Takes a voice if one is free. Callers do not wait: they hold a thread that serves pages.
    private func begin() -> Bool {
        speaking.withLock { count in
            guard count < bounds.voices else { return false }
            count += 1
            return true
        }
    }
}
