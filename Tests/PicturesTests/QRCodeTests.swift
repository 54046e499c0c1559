import Foundation
import Pictures
import Testing

@Suite struct QRCodeTests {
    @Test(.enabled(if: Tool.rsvg.isInstalled && Tool.zbar.isInstalled, "rsvg-convert or zbarimg is not installed"))
    func `a reader gets every address of 60 to 300 bytes back, also on a black page and at odd sizes`() throws {
        for (number, size) in stride(from: 60, through: 300, by: 24).enumerated() {
            let address = Self.address(of: size)
            try #require(address.utf8.count == size)
            let svg = try QRCode.svg(for: address, label: "QR")
            let picture = try Tool.rsvg.run(
                ["--width", "\(400 + 37 * number)", "--background-color", "black"], input: Data(svg.utf8))
            let read = try Tool.zbar.run(["--quiet", "--raw", "-"], input: picture)
            #expect(String(decoding: read, as: UTF8.self) == address + "\n")
        }
    }

    @Test func `the symbol stands in four modules of white, whatever the page's colour`() throws {
        let svg = try QRCode.svg(for: "otpauth://totp/x", label: "QR")
        let width = try #require(svg.firstMatch(of: #/viewBox="0 0 (\d+) (\d+)"/#))
        #expect(width.1 == width.2)
        #expect(svg.contains("<rect width=\"\(width.1)\" height=\"\(width.1)\" fill=\"#fff\"/><path fill=\"#000\""))
        let size = try #require(Int(width.1))
        let runs = svg.matches(of: #/M(\d+) (\d+)h(\d+)v1h-(\d+)z/#).compactMap { run in
            Int(run.1).map { x in (x: x, y: Int(run.2) ?? 0, length: Int(run.3) ?? 0) }
        }
        #expect(runs.map(\.x).min() == 4)
        #expect(runs.map(\.y).min() == 4)
        #expect(runs.map { $0.x + $0.length }.max() == size - 4)
        #expect(runs.map { $0.y + 1 }.max() == size - 4)
        // Merged: runs of one line never touch.
        for (run, next) in zip(runs, runs.dropFirst()) where run.y == next.y {
            #expect(run.x + run.length < next.x)
        }
        // The first line of a finder pattern.
        #expect(runs.first.map { $0.x == 4 && $0.y == 4 && $0.length == 7 } == true)
    }

    @Test func `the picture tells what it is to those who do not see it`() throws {
        let svg = try QRCode.svg(for: "x", label: "Kode \"QR\" <Sari> & 'Budi'")
        #expect(svg.contains("role=\"img\" aria-label=\"Kode &quot;QR&quot; &lt;Sari&gt; &amp; 'Budi'\""))
    }

    @Test func `the element needs nothing around it and has no size in pixels`() throws {
        let svg = try QRCode.svg(for: "x", label: "QR")
        let tag = try #require(svg.prefixMatch(of: #/<svg [^>]*>/#)).output
        #expect(tag.contains("xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(!tag.contains("width") && !tag.contains("height"))
        #expect(svg.hasSuffix("</svg>"))
        for word in ["style", "script", "class", " id=", "href"] { #expect(!svg.contains(word)) }
    }

    @Test func `a text that fits no symbol is refused`() throws {
        for text in ["", "a\0b", String(repeating: "x", count: 2_332)] {
            #expect(throws: PictureError.unsuitableText(bytes: text.utf8.count)) {
                try QRCode.svg(for: text, label: "QR")
            }
        }
        _ = try QRCode.svg(for: String(repeating: "x", count: 2_331), label: "QR")
    }

    @Test func `eight threads at once get what one gets`() throws {
        let expected = try (0..<8).map { try QRCode.svg(for: Self.address(of: 60 + 20 * $0), label: "QR") }
        let results = onThreads(8) { number in
            (0..<20).map { _ in try? QRCode.svg(for: Self.address(of: 60 + 20 * number), label: "QR") }
        }
        for (own, result) in zip(expected, results) { #expect(result.allSatisfy { $0 == own }) }
    }

    /// As an authenticator app gets it: mixed case, digits, Base32 and percent signs, filled up to `size`.
    private static func address(of size: Int) -> String {
        let start = "otpauth://totp/Pulih%20Dua:"
        let end = "?secret=JBSWY3DPEHPK3PXP&digits=6"
        let account = "budi.santoso+2%40contoh.go.id/"
        let filling = String(repeating: account, count: size / account.utf8.count + 1)
        return start + filling.prefix(size - start.utf8.count - end.utf8.count) + end
    }
}
