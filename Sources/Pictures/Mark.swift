struct Point {
    var x: Double
    var y: Double
}

enum Shape {
    /// Closed contours, filled; one within another makes a hole.
    case outline([[Point]])
    /// A line of this width along a cubic Bézier curve.
    case curve(Point, Point, Point, Point, width: Double)
}

/// A shape in the tone it is drawn in: 0 is black, 1 is white.
struct Mark {
    let shape: Shape
    let grey: Double
}
