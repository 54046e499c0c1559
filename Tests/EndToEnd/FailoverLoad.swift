import Support
import Threading
import Foundation

/// One thread of people.
final class FailoverLoad: Sendable {
    private let end = Monitor<Result<Void, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [end] in
            let result = Result { try body() }
            end.withLock { $0 = result }
        }
    }

    func finish() throws {
        let result = end.wait(timeout: .seconds(180)) { $0 }
        guard let result else { throw SupportFailure("people still wait after 180 s") }
        try result.get()
    }
}
