import Foundation
import Support
import Testing

/// The list of the OpenID Foundation's test modules in pulih-openid(7).
@Suite("List of conformance")
struct ConformanceListTests {
    @Test("Each module has a test that is there, or the reason why it has none")
    func list() throws {
        let page = try ProjectFile.text("Sources/Program/Manuals/Pages/pulih-openid.7.md")
        let rows = page.matches(of: /\n\| (oidcc-[a-z0-9-]+) \| ([^|]+) \|/)
        #expect(rows.count > 30 && Set(rows.map(\.output.1)).count == rows.count)
        let folder = ProjectFile.path("Tests")
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        let sources = try files.filter { $0.hasSuffix(".swift") }
            .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
        for row in rows where !["left out: ", "not tested by itself: "].contains(where: row.output.2.hasPrefix) {
            let isThere = sources.contains { $0.contains("\"\(row.output.2)\"") }
            #expect(isThere, "\(row.output.1): \(row.output.2)")
        }
    }
}
