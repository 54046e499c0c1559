/// A command to the browser that failed, with what a person needs to see why.
package struct WebDriverError: Error, CustomStringConvertible, Sendable {
    /// The W3C error code, such as `no such element`, or `timeout` for a wait.
    package let code: String
    package let message: String
    /// The command, such as `POST element`.
    package let command: String
    package let selector: String?
    package let pageURL: String
    /// The page as it was when the command failed.
    package let pageSource: String

    package var description: String {
        let about = selector.map { " for \($0)" } ?? ""
        return """
            \(code) at \(command)\(about), on \(pageURL): \(message)
            --- page source
            \(pageSource.prefix(10_000))
            ---
            """
    }
}
