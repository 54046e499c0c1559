import CCairo

struct Point {
    var x: Double
    var y: Double
}

/// A grey picture that cairo draws into.
///
/// Cairo's 8-bit alpha surface is used as one byte of grey a pixel (which is also how its PNG writer sees it): a quarter
/// of the bytes to draw, to filter and to compress.
final class Canvas {
    private let surface: OpaquePointer
    private let context: OpaquePointer

    init(width: Int, height: Int) throws(PictureError) {
        // Neither call returns NULL; what fails is reported by the status.
        surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        context = cairo_create(surface)
        // Replaces grey by grey, where "over" would add alpha to alpha.
        cairo_set_operator(context, CAIRO_OPERATOR_SOURCE)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        try check(cairo_status(context))
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    /// - Parameter grey: 0 is black, 1 is white.
    func paint(grey: Double) {
        cairo_set_source_rgba(context, 0, 0, 0, grey)
        cairo_paint(context)
    }

    /// Fills closed contours; one within another makes a hole.
    func fill(_ contours: [[Point]], grey: Double) {
        for contour in contours {
            for point in contour { cairo_line_to(context, point.x, point.y) }
            cairo_close_path(context)
            cairo_new_sub_path(context)
        }
        cairo_set_source_rgba(context, 0, 0, 0, grey)
        cairo_fill(context)
    }

    /// Draws a cubic Bézier curve.
    func stroke(_ start: Point, _ first: Point, _ second: Point, _ end: Point, width: Double, grey: Double) {
        cairo_move_to(context, start.x, start.y)
        cairo_curve_to(context, first.x, first.y, second.x, second.y, end.x, end.y)
        cairo_set_line_width(context, width)
        cairo_set_source_rgba(context, 0, 0, 0, grey)
        cairo_stroke(context)
    }

    func png() throws(PictureError) -> [UInt8] {
        try check(cairo_status(context))
        var bytes: [UInt8] = []
        // A pointer to the array itself: `&bytes` would be one to its elements.
        let status = withUnsafeMutablePointer(to: &bytes) {
            cairo_surface_write_to_png_stream(surface, appendBytes, $0)
        }
        try check(status)
        return bytes
    }

    /// The contours of a text in DejaVu Sans, flattened to straight lines; its baseline begins at (0, 0).
    func contours(of text: String, size: Double) throws(PictureError) -> [[Point]] {
        cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, size)
        cairo_new_path(context)
        cairo_move_to(context, 0, 0)
        cairo_text_path(context, text)
        guard let path = cairo_copy_path_flat(context) else { return [] }
        defer { cairo_path_destroy(path) }
        cairo_new_path(context)
        try check(path.pointee.status)
        var contours: [[Point]] = []
        var index = 0
        while index < Int(path.pointee.num_data) {
            let header = path.pointee.data[index].header
            if header.type == CAIRO_PATH_MOVE_TO { contours.append([]) }
            if header.type == CAIRO_PATH_MOVE_TO || header.type == CAIRO_PATH_LINE_TO {
                let point = path.pointee.data[index + 1].point
                contours[contours.count - 1].append(Point(x: point.x, y: point.y))
            }
            index += Int(header.length)
        }
        return contours.filter { $0.count > 2 }
    }

    private func check(_ status: cairo_status_t) throws(PictureError) {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw .library(name: "cairo", message: String(cString: cairo_status_to_string(status)))
    }
}

private func appendBytes(
    _ bytes: UnsafeMutableRawPointer?, _ data: UnsafePointer<UInt8>?, _ length: UInt32
) -> cairo_status_t {
    guard let bytes = bytes?.assumingMemoryBound(to: [UInt8].self) else { return CAIRO_STATUS_WRITE_ERROR }
    bytes.pointee.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
    return CAIRO_STATUS_SUCCESS
}
