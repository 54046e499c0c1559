/// A camera: reads codes from pictures with zbar.
package enum Zbar {
    /// The contents of all QR codes in a PNG file; none is an empty list.
    package static func read(png path: String) throws -> [String] {
        let arguments = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path]
        let finished = try Subprocess.run("zbarimg", arguments)
        // zbarimg(1): 4 says that no symbol was found.
        guard finished.exit == .code(0) || finished.exit == .code(4) else {
            throw SupportFailure("zbarimg cannot read \(path): \(finished.exit)\n\(finished.error)")
        }
        return finished.output.split(separator: "\n").map(String.init)
    }
}
