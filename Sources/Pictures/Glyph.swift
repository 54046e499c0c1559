/// The outline of one letter of the captcha, centred on (0, 0).
///
/// Outlines are taken from the font once; drawing needs no font any more, and no lock that goes with it.
struct Glyph {
    let contours: [[Point]]
    let width: Double

    /// The letters of `Captcha.alphabet`, about 73 units high. What is missing here is missing in the font.
    static let all: Result<[UInt8: Glyph], PictureError> = Result { () throws(PictureError) in
        let canvas = try Canvas(width: 1, height: 1)
        var letters: [UInt8: Glyph] = [:]
        for letter in Captcha.alphabet.utf8 {
            letters[letter] = try Glyph(canvas.contours(of: String(UnicodeScalar(letter)), size: 100))
        }
        return letters
    }

    private init(_ contours: [[Point]]) throws(PictureError) {
        let points = contours.joined()
        guard let left = points.map(\.x).min(), let right = points.map(\.x).max(), let top = points.map(\.y).min(),
            let bottom = points.map(\.y).max()
        else { throw .missingFont }
        width = right - left
        self.contours = contours.map { contour in
            Self.subdivided(contour).map { Point(x: $0.x - (left + right) / 2, y: $0.y - (top + bottom) / 2) }
        }
    }

    /// Cuts straight lines into short ones, so that they bend when the picture is warped.
    private static func subdivided(_ contour: [Point]) -> [Point] {
        zip(contour, contour.dropFirst() + contour.prefix(1)).flatMap { start, end in
            let (dx, dy) = (end.x - start.x, end.y - start.y)
            let pieces = max(1, ((dx * dx + dy * dy).squareRoot() / 8).rounded())
            return (0..<Int(pieces)).map {
                Point(x: start.x + dx * Double($0) / pieces, y: start.y + dy * Double($0) / pieces)
            }
        }
    }
}
