/// Reads security codes aloud, for people who cannot see their pictures.
package protocol SpeechSynthesizer: Sendable {
    /// - Parameter letters: a challenge's code.
    /// - Returns: the bytes of a WAV file, the same for the same code and language.
    /// - Throws: `SpeechError`.
    func speak(_ letters: String, language: Language) throws -> [UInt8]
}

/// Nothing could be spoken now.
package enum SpeechError: PresentableError, Equatable {
    /// As many codes are being spoken as may be at a time.
    case busy
    case failed(detail: String)

    package var sentence: String { "The security code cannot be read aloud now; try again in a moment." }

    package var detail: String {
        switch self {
        case .busy: "all voices are speaking"
        case .failed(let detail): detail
        }
    }
}
