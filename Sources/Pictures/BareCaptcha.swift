import CCairo

/// One captcha whose shapes cairo draws and its own PNG writer compresses, with nothing around it: what any drawing with
/// cairo can reach at most. Benchmarks compare with it; nobody is shown it.
package final class BareCaptcha: @unchecked Sendable {
    // Proof: the paths are not changed by drawing them.
    private let drawing: CaptchaDrawing
    private let paths: [UnsafeMutablePointer<cairo_path_t>]

    /// - Parameters: as of `Captcha.png`, whose picture it is, pixel by pixel.
    /// - Throws: as that does.
    package init(code: String, seed: UInt64) throws(PictureError) {
        drawing = try CaptchaDrawing(code: code, seed: seed)
        let canvas = try Canvas(width: 1, height: 1)
        paths = drawing.marks.map { canvas.path(of: $0.shape) }
    }

    deinit { for path in paths { cairo_path_destroy(path) } }

    /// The file; empty when there is no memory.
    package func png() -> [UInt8] {
        let surface = cairo_image_surface_create(
            CAIRO_FORMAT_A8, Int32(drawing.size.width), Int32(drawing.size.height))
        let context = cairo_create(surface)
        defer {
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        cairo_set_antialias(context, CAIRO_ANTIALIAS_FAST)
        cairo_set_operator(context, CAIRO_OPERATOR_SOURCE)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_source_rgba(context, 0, 0, 0, CaptchaDrawing.paper)
        cairo_paint(context)
        for (mark, path) in zip(drawing.marks, paths) {
            cairo_append_path(context, path)
            cairo_set_source_rgba(context, 0, 0, 0, mark.grey)
            if case .curve(_, _, _, _, let width) = mark.shape {
                cairo_set_line_width(context, width)
                cairo_stroke(context)
            } else {
                cairo_fill(context)
            }
        }
        var file: [UInt8] = []
        // A pointer to the array itself: `&file` would be one to its elements.
        withUnsafeMutablePointer(to: &file) {
            _ = cairo_surface_write_to_png_stream(surface, appendBytes, $0)
        }
        return file
    }
}

private func appendBytes(
    _ file: UnsafeMutableRawPointer?, _ data: UnsafePointer<UInt8>?, _ length: UInt32
) -> cairo_status_t {
    guard let file = file?.assumingMemoryBound(to: [UInt8].self) else { return CAIRO_STATUS_WRITE_ERROR }
    file.pointee.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
    return CAIRO_STATUS_SUCCESS
}
