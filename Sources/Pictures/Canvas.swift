import CCairo
import CPNG

/// A grey picture that cairo draws into.
///
/// Cairo's 8-bit alpha surface is used as one byte of grey a pixel: a quarter of the bytes to draw and to compress.
final class Canvas {
    private let width: Int
    private let height: Int
    private let surface: OpaquePointer
    private let context: OpaquePointer

    init(width: Int, height: Int) throws(PictureError) {
        self.width = width
        self.height = height
        // Neither call returns NULL; what fails is reported by the status.
        surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        context = cairo_create(surface)
        // Sixteen shades along an edge are plenty for pictures shown at half their size, and take half the time.
        cairo_set_antialias(context, CAIRO_ANTIALIAS_FAST)
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

    func draw(_ mark: Mark) {
        trace(mark.shape)
        cairo_set_source_rgba(context, 0, 0, 0, mark.grey)
        switch mark.shape {
        case .outline: cairo_fill(context)
        case .curve(_, _, _, _, let width):
            cairo_set_line_width(context, width)
            cairo_stroke(context)
        }
    }

    /// Cairo's own form of a shape, for `cairo_path_destroy` to give back.
    func path(of shape: Shape) -> UnsafeMutablePointer<cairo_path_t> {
        cairo_new_path(context)
        trace(shape)
        return cairo_copy_path(context)
    }

    private func trace(_ shape: Shape) {
        switch shape {
        case .outline(let contours):
            for contour in contours {
                for point in contour { cairo_line_to(context, point.x, point.y) }
                cairo_close_path(context)
                cairo_new_sub_path(context)
            }
        case .curve(let start, let first, let second, let end, _):
            cairo_move_to(context, start.x, start.y)
            cairo_curve_to(context, first.x, first.y, second.x, second.y, end.x, end.y)
        }
    }

    /// The file. Libpng's fast setting neither filters the rows nor looks far for what repeats: such pictures become
    /// smaller that way than by cairo's own writer, in a quarter of its time.
    func png() throws(PictureError) -> [UInt8] {
        cairo_surface_flush(surface)
        try check(cairo_status(context))
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.width = png_uint_32(width)
        image.height = png_uint_32(height)
        image.format = png_uint_32(PNG_FORMAT_GRAY)
        image.flags = png_uint_32(PNG_IMAGE_FLAG_FAST)
        // What cannot be compressed is stored, each row with a byte more.
        let room = (width + 1) * height + 1024
        let file = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            var size = png_alloc_size_t(room)
            let isWritten = png_image_write_to_memory(
                &image, buffer.baseAddress, &size, 0, cairo_image_surface_get_data(surface),
                cairo_image_surface_get_stride(surface), nil)
            count = isWritten == 1 ? Int(size) : 0
        }
        guard !file.isEmpty else {
            let message = withUnsafeBytes(of: image.message) { $0.prefix { $0 != 0 }.map { $0 } }
            throw .library(name: "libpng", message: String(decoding: message, as: UTF8.self))
        }
        return file
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
