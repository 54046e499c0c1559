import Testing

/// The store's tests that every engine must pass.
@Suite
struct ConformanceTests {
    private let tree = SourceTree()

    private func files() throws -> [String] { try tree.swiftFiles(in: "Tests/StoreTests/Conformance") }

    @Test("They know no engine")
    func engines() throws {
        #expect(try files().count > 10)
        for file in try files() {
            let text = try tree.text(file).lowercased()
            for word in ["sqlite", "pragma", "postgres", "psql"] {
                #expect(!text.contains(word), "\(file) holds \(word)")
            }
        }
    }

    @Test("Each runs on every engine, in a database of that engine")
    func everyEngine() throws {
        for file in try files() {
            let text = try tree.text(file)
            for test in text.split(separator: "@Test").dropFirst() {
                let head = test.prefix { $0 != "{" }
                #expect(head.contains("arguments: TestEngine.allCases"), "\(file): @Test\(head)")
            }
            for word in ["TemporaryDatabase()", "LoginScene()"] {
                #expect(!text.contains(word), "\(file) holds \(word), which is on the standard engine")
            }
        }
    }
}
