import Glibc

/// One captcha picture being drawn.
///
/// Programs read such pictures by cutting them into letters first, so the letters touch, curves of the same ink run from
/// one to the next, and cuts run through them. People read by shape: tilt, bend and stroke stay within what print has.
struct CaptchaDrawing {
    private static let paper = 0.95
    private static let ink = 0.15
    private static let margin = 18.0
    private static let height = 140.0

    private let width: Double
    private var random: SplitMix
    private let wave: Wave

    init(seed: UInt64, letters: Int) {
        width = Double(letters) * 60 + 40
        random = SplitMix(seed: seed)
        wave = Wave(&random)
    }

    mutating func draw(_ letters: [Letter]) throws(PictureFault) -> [UInt8] {
        let canvas = try Canvas(width: Int(width), height: Int(Self.height))
        canvas.paint(grey: Self.paper)
        for _ in 0..<0 { curve(on: canvas, width: random.number(in: 6...14), grey: random.number(in: 0.78...0.86)) }
        for contours in placed(letters) { canvas.fill(contours, grey: Self.ink) }
        for _ in 0..<1 { curve(on: canvas, width: 2, grey: Self.paper) }
        for _ in 0..<2 { curve(on: canvas, width: random.number(in: 4.5...5.5), grey: Self.ink) }
        return try canvas.png()
    }

    /// The letters side by side, each tilted, stretched and shifted a little, then all bent by the same wave.
    private mutating func placed(_ letters: [Letter]) -> [[[Point]]] {
        let gaps = letters.map { _ in random.number(in: 3...9) }
        let total = zip(letters, gaps).reduce(0) { $0 + $1.0.width + $1.1 }
        let fit = min(1.15, (width - 2 * Self.margin) / total)
        var x = (width - total * fit) / 2
        return zip(letters, gaps).map { letter, gap in
            let centre = Point(x: x + letter.width * fit / 2, y: Self.height / 2 + random.signedNumber(in: 0...10))
            x += (letter.width + gap) * fit
            let angle = random.signedNumber(in: 0.03...0.18)
            let stretch = Point(x: fit * random.number(in: 0.95...1.1), y: random.number(in: 0.9...1.1))
            return letter.contours.map { contour in
                contour.map { point in
                    let scaled = Point(x: point.x * stretch.x, y: point.y * stretch.y)
                    return wave.bend(
                        Point(
                            x: centre.x + scaled.x * cos(angle) - scaled.y * sin(angle),
                            y: centre.y + scaled.x * sin(angle) + scaled.y * cos(angle)))
                }
            }
        }
    }

    /// A curve from the left edge to the right.
    private mutating func curve(on canvas: Canvas, width strokeWidth: Double, grey: Double) {
        let points = (0..<4).map { index in
            Point(x: width * Double(index) / 3, y: random.number(in: 0.1...0.9) * Self.height)
        }
        canvas.stroke(points[0], points[1], points[2], points[3], width: strokeWidth, grey: grey)
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

    func bend(_ point: Point) -> Point {
        Point(
            x: point.x + amplitude.x * sin(2 * .pi * point.y / length.x + phase.x),
            y: point.y + amplitude.y * sin(2 * .pi * point.x / length.y + phase.y))
    }
}
