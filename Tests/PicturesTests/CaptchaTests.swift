import Foundation
import Pictures
import Testing

@Suite struct CaptchaTests {
    private static let letters = Captcha.alphabet.map(String.init)

    @Test func `the picture is a grey PNG of twice the size it is shown at`() throws {
        for (code, width) in [("ACE3", 280), ("ACEHKP", 400), ("ACEHKPRW", 520)] {
            let picture = try Captcha.png(code: code, seed: 7)
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            // IHDR: width, height, depth, colour type (PNG specification, 11.2.1).
            let header = picture[16..<26].map(Int.init)
            #expect(header == [0, 0, width / 256, width % 256, 0, 0, 0, 140, 8, 0])
        }
    }

    @Test func `the same code and seed give the same picture, any other one does not`() throws {
        let picture = try Captcha.png(code: "ACEHKP", seed: 1)
        #expect(try Captcha.png(code: "ACEHKP", seed: 1) == picture)
        #expect(try Captcha.png(code: "ACEHKP", seed: 2) != picture)
        #expect(try Captcha.png(code: "ACEHKR", seed: 1) != picture)
        #expect(try Captcha.png(code: "PKHECA", seed: 1) != picture)
    }

    @Test func `every letter of the alphabet has a shape of its own`() throws {
        let pictures = try Self.letters.map { try Captcha.png(code: String(repeating: $0, count: 6), seed: 3) }
        #expect(Set(pictures).count == Self.letters.count)
    }

    @Test func `the alphabet has no letter twice and none that is mistaken for another`() {
        #expect(Set(Self.letters).count == Self.letters.count)
        let pairs = "0O OD OQ 1I IL 2Z 5S 8B 6G UV VY 4A 7T 1T 9g EF HN MN MW".split(separator: " ")
        for pair in pairs {
            #expect(!pair.allSatisfy(Captcha.alphabet.contains), "\(pair)")
        }
    }

    @Test(arguments: ["", "ACE", "ACEHKPRWX", "ACEHK0", "acehkp", "ACE KP", "ACEHK\0", "ÀCEHKP", "ACEH\u{212A}P"])
    func `a code that people could not type is refused`(code: String) {
        #expect(throws: PictureError.unsuitableCode(length: code.count)) {
            try Captcha.png(code: code, seed: 1)
        }
    }

    @Test func `pictures stay within 15 kB`() throws {
        var sizes: [Int] = []
        for seed in 0..<150 {
            let code = (0..<6).map { Self.letters[(seed * 7 + $0 * (seed + 3)) % Self.letters.count] }.joined()
            sizes.append(try Captcha.png(code: code, seed: UInt64(seed)).count)
        }
        #expect(try #require(sizes.max()) <= 15_000)
    }

    @Test(.enabled(if: Tool.convert.isInstalled, "ImageMagick is not installed"))
    func `the letters are dark, the paper is light and stays free at the edges`() throws {
        for seed in 0..<10 as Range<UInt64> {
            let picture = try Captcha.png(code: "ACEHKP", seed: seed)
            let grey = Array(try Tool.convert.run(["png:-", "-depth", "8", "gray:-"], input: Data(picture)))
            try #require(grey.count == 400 * 140)
            let dark = Double(grey.count { $0 < 100 }) / Double(grey.count)
            #expect((0.1...0.35).contains(dark), "seed \(seed)")
            // Neither curves nor letters get there, so none is cut off.
            let upper = grey[..<400].count { $0 < 100 }
            let lower = grey[(139 * 400)...].count { $0 < 100 }
            #expect(upper + lower == 0, "seed \(seed)")
        }
    }

    @Test(.enabled(if: Tool.convert.isInstalled, "ImageMagick is not installed"))
    func `cairo alone draws the very same pixels, in more bytes`() throws {
        for (code, seed) in [("ACEHKP", 1), ("RWXY36", 2), ("KKKK", 3)] as [(String, UInt64)] {
            let (ours, bare) = (try Captcha.png(code: code, seed: seed), try BareCaptcha(code: code, seed: seed).png())
            let pixels = try [ours, bare].map { try Tool.convert.run(["png:-", "gray:-"], input: Data($0)) }
            #expect(!pixels[0].isEmpty && pixels[0] == pixels[1])
            #expect(ours.count < bare.count)
        }
    }

    @Test func `eight threads at once get what one gets`() throws {
        let results = onThreads(8) { number in
            (0..<10).map { try? Captcha.png(code: "ACEHKP", seed: UInt64(number * 10 + $0)) }
        }
        for (number, pictures) in results.enumerated() {
            for (index, picture) in pictures.enumerated() {
                #expect(try Captcha.png(code: "ACEHKP", seed: UInt64(number * 10 + index)) == picture)
            }
        }
    }

    @Test func `an error tells what to do and never the code`() {
        #expect("\(PictureError.missingFont)".contains("fonts-dejavu-core"))
        let short = PictureError.unsuitableCode(length: 3)
        #expect("\(short)" == "a code of 3 characters is not one that a captcha can show")
        #expect("\(PictureError.unsuitableText(bytes: 0))" == "a text of 0 bytes cannot be put into a QR code")
        let refused = PictureError.library(name: "cairo", message: "out of memory")
        #expect("\(refused)" == "cairo cannot draw: out of memory")
    }
}
