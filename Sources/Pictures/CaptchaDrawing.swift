import Glibc

/// One captcha picture being drawn, in pixels at twice the density it is shown at.
///
/// Programs read such pictures by cutting them into letters, so lines as wide as thin strokes run from one letter to the
/// next, of a tone that they take for ink. People read by shape, so tilt and bend stay within what handwriting has, the
/// lines lie behind the letters, and every letter has a contrast of 7 to 1 with the paper (WCAG 2.2, 1.4.6).
struct CaptchaDrawing {
    static let paper = 0.95
    private static let height = 140.0
    /// Room for a letter of usual width; wide ones are narrowed to fit.
    private static let letterWidth = 60.0
    /// Keeps tilted and bent letters off the edge.
    private static let margin = 20.0

    /// From the back to the front.
    private(set) var marks: [Mark] = []
    private let width: Double
    private let wave: Wave
    private var random: SplitMix

    /// - Throws: `unsuitableCode`; `missingFont` and `library` where the machine lacks something.
    init(code: String, seed: UInt64) throws(PictureError) {
        let known = try Glyph.all.get()
        let letters = code.utf8.compactMap { known[$0] }
        guard (4...8).contains(letters.count), letters.count == code.utf8.count else {
            throw .unsuitableCode(length: code.count)
        }
        width = Double(letters.count) * Self.letterWidth + 2 * Self.margin
        random = SplitMix(seed: seed)
        wave = Wave(&random)
        for _ in 0..<4 { addCurve(width: random.number(in: 6...14), grey: random.number(in: 0.78...0.86)) }
        for _ in 0..<2 { addCurve(width: random.number(in: 4.5...5.5), grey: random.number(in: 0.2...0.36)) }
        for contours in placed(letters) {
            marks.append(Mark(shape: .outline(contours), grey: random.number(in: 0.08...0.28)))
        }
    }

    /// In pixels.
    var size: (width: Int, height: Int) { (Int(width), Int(Self.height)) }

    func png() throws(PictureError) -> [UInt8] {
        let canvas = try Canvas(width: size.width, height: size.height)
        canvas.paint(grey: Self.paper)
        for mark in marks { canvas.draw(mark) }
        return try canvas.png()
    }

    /// The letters side by side, each tilted, stretched and shifted a little, then all bent by the same wave.
    private mutating func placed(_ letters: [Glyph]) -> [[[Point]]] {
        let gaps = letters.map { _ in random.number(in: 3...9) }
        let total = zip(letters, gaps).reduce(0) { $0 + $1.0.width + $1.1 }
        // Narrow letters are widened too, but not so far that they look like others.
        let fit = min(1.15, (width - 2 * Self.margin) / total)
        var x = (width - total * fit) / 2
        return zip(letters, gaps).map { letter, gap in
            let centre = Point(x: x + letter.width * fit / 2, y: Self.height / 2 + random.number(in: -10...10))
            x += (letter.width + gap) * fit
            let stretch = Point(x: fit * random.number(in: 0.95...1.1), y: random.number(in: 0.9...1.1))
            let angle = random.signedNumber(in: 0.03...0.18)
            let (cosine, sine) = (cos(angle), sin(angle))
            return letter.contours.map { contour in
                contour.map { point in
                    let (dx, dy) = (point.x * stretch.x, point.y * stretch.y)
                    return wave.warped(
                        Point(x: centre.x + dx * cosine - dy * sine, y: centre.y + dx * sine + dy * cosine))
                }
            }
        }
    }

    /// A curve from the left edge to the right.
    private mutating func addCurve(width strokeWidth: Double, grey: Double) {
        let points = (0..<4).map { index in
            Point(x: width * Double(index) / 3, y: random.number(in: 0.1...0.9) * Self.height)
        }
        marks.append(Mark(shape: .curve(points[0], points[1], points[2], points[3], width: strokeWidth), grey: grey))
    }
}

/// A displacement that swings gently over the picture.
struct Wave {
    private let amplitude: Point
    private let length: Point
    private let phase: Point

    init(_ random: inout SplitMix) {
        amplitude = Point(x: random.number(in: 3...5), y: random.number(in: 4...8))
        length = Point(x: random.number(in: 90...150), y: random.number(in: 140...220))
        phase = Point(x: random.number(in: 0...2 * .pi), y: random.number(in: 0...2 * .pi))
    }

    func warped(_ point: Point) -> Point {
        Point(
            x: point.x + amplitude.x * sin(2 * .pi * point.y / length.x + phase.x),
            y: point.y + amplitude.y * sin(2 * .pi * point.x / length.y + phase.y))
    }
}
