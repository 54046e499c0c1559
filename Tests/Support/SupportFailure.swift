import Glibc

/// Why a test could not go on: a sentence for the person who reads the test's output.
package struct SupportFailure: Error, CustomStringConvertible, Equatable {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// The failure of a system call, with the reason the system gave in `errno`.
    package static func system(_ what: String, _ code: Int32 = errno) -> SupportFailure {
        SupportFailure("\(what): \(String(cString: strerror(code)))")
    }
}
