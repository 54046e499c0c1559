/// Why a picture cannot be drawn.
package enum PictureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A QR code cannot hold a text that is empty, has a NUL byte or is too long at this error correction.
    case unsuitableText(bytes: Int)
    /// A captcha code is 4 to 8 letters of `Captcha.alphabet`. The code itself is an answer and is not named.
    case unsuitableCode(length: Int)
    /// The font of the captcha has no outline for one of its letters: fonts-dejavu-core is not installed.
    case missingFont
    /// libqrencode or cairo refused, usually for want of memory.
    case library(name: String, message: String)

    package var description: String {
        switch self {
        case .unsuitableText(let bytes): "a text of \(bytes) bytes cannot be put into a QR code"
        case .unsuitableCode(let length): "a code of \(length) characters is not one that a captcha can show"
        case .missingFont: "no font for the captcha is found; install fonts-dejavu-core"
        case .library(let name, let message): "\(name) cannot draw: \(message)"
        }
    }
}
