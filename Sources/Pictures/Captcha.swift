/// Pictures of a few letters that people read with ease and simple programs do not.
package enum Captcha {
    /// What codes are made of. Left out is what is mistaken for something else as printed (0 O D Q, 1 I J L, 2 Z, 5 S,
    /// 8 B, G, U V) or once it is tilted and bent (4 for A, 7 and T, 9 for g, F for E, M and N for H). Six letters make
    /// 3 million codes.
    package static let alphabet = "36ACEHKPRWXY"

    /// A PNG of twice the size it is meant to be shown at: 400 by 140 pixels for six letters, shown at 200 by 70.
    ///
    /// The same code and seed always give the same picture, so that reloading it shows nothing new.
    ///
    /// - Parameters:
    ///   - code: 4 to 8 letters of `alphabet`.
    ///   - seed: places and bends the letters. Keep it as secret as the code: who knows it can straighten them.
    /// - Returns: the bytes of the file.
    /// - Throws: `unsuitableCode`; `missingFont` and `library` where the machine lacks something.
    package static func png(code: String, seed: UInt64) throws(PictureError) -> [UInt8] {
        try CaptchaDrawing(code: code, seed: seed).png()
    }
}
