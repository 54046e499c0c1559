import Foundation
import Support
import Testing

@Suite struct ToolsTests {
    @Test(arguments: [
        (59, "94287082"), (1_111_111_109, "07081804"), (1_234_567_890, "89005924"), (20_000_000_000, "65353130"),
    ])
    func `the TOTP app knows the vectors of RFC 6238`(second: Double, code: String) throws {
        // "12345678901234567890" in Base32.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        let date = Date(timeIntervalSince1970: second)
        #expect(try Oathtool.code(secretBase32: secret, at: date, digits: 8) == code)
        #expect(try Oathtool.code(secretBase32: secret, at: date) == code.suffix(6))
    }

    @Test func `a picture that is none fails the camera`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("no picture", to: "qr.png")
        #expect(throws: SupportFailure.self) { try Zbar.read(png: path) }
    }

    @Test func `a file is written whole, with the mode asked for, in folders made as needed`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("isi", to: "a/b/file", mode: 0o640)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try folder.read("a/b/file") == "isi")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("a/b")) == ["file"])
    }

    @Test func `a temporary folder goes with its last reference`() throws {
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path)
        #expect(FileManager.default.fileExists(atPath: path))
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a poll gives up after its time and says for what it looked`() {
        let error = #expect(throws: SupportFailure.self) {
            try Eventually.holds("the moon is full", timeout: .milliseconds(50)) { false }
        }
        #expect(error?.description == "the moon is full: not so within 0.05 seconds")
    }

    @Test func `a built program is found beside the tests, and one that was not built is named`() throws {
        let program = try Binary.path(named: "pulihPackageTests.xctest")
        #expect(FileManager.default.isExecutableFile(atPath: program))
        #expect(throws: SupportFailure.self) { try Binary.path(named: "no-such-program") }
    }

    @Test func `postfix's sink counts what it swallows`() throws {
        let sink = try SMTPSink()
        #expect(sink.counters == SMTPSink.Counters())
        try Subprocess.output(
            of: "swaks", ["--server", "127.0.0.1:\(sink.port)", "--from", "a@pulih.test", "--to", "b@pulih.test"])
        let counters = try sink.waitForCounters { $0.quits == 1 }
        #expect(counters == sink.counters)
        #expect(counters.messages == 1)
    }
}
