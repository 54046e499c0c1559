/// Pictures of a few letters that people read with ease and simple programs do not.
package enum Captcha {
    /// No two of these are mistaken for one another, nor for a letter or digit that is left out (0 O D Q, 1 I L, 2 Z,
    /// 5 S, 8 B, 6 G, U V).
    package static let alphabet = "36ACEJKNPRTWXY"

    /// A PNG of twice the size it is meant to be shown at: 400 by 140 pixels for six letters, shown at 200 by 70.
    ///
    /// The same code and seed always give the same picture, so that reloading it shows nothing new.
    ///
    /// - Parameters:
    ///   - code: 4 to 8 letters of `alphabet`.
    ///   - seed: places and bends the letters. Keep it as secret as the code: who knows it can straighten them.
    /// - Returns: the bytes of the file.
    package static func png(code: String, seed: UInt64) throws(PictureFault) -> [UInt8] {
        let known = try Letter.all.get()
        let letters = code.utf8.compactMap { known[$0] }
        guard (4...8).contains(letters.count), letters.count == code.utf8.count else {
            throw .unsuitableCode(length: code.count)
        }
        var drawing = CaptchaDrawing(seed: seed, letters: letters.count)
        return try drawing.draw(letters)
    }
}
