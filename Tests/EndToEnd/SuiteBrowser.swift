import Support
import Testing

/// One browser for all tests of a suite, one after the other: to start one takes longer than most of them. It is gone
/// when the suite is done.
struct SuiteBrowser: SuiteTrait, TestScoping {
    @TaskLocal static var current: WebDriver?

    let options: WebDriver.Options

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Self.$current.withValue(try WebDriver(options)) { try await function() }
    }
}

extension Trait where Self == SuiteBrowser {
    /// Needs `.serialized` beside it.
    static func browser(languages: [String] = ["id", "en"], javaScript: Bool = true) -> SuiteBrowser {
        SuiteBrowser(options: WebDriver.Options(languages: languages, javaScript: javaScript))
    }
}
