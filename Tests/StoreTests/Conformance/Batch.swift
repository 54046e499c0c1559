import Domain
import Foundation
import Support

@testable import Store
import Threading

/// Makes writes share one commit: keeps the writer busy until all of them wait.
struct Batch {
    typealias Write<Answer> = @Sendable (any WriteTransaction) throws -> Answer

    private let database: Database

    init(_ database: Database) { self.database = database }

    /// - Parameter whenReady: called when all of them wait, before the writer goes on.
    /// - Returns: what each write answered, in their order.
    func run<Answer: Sendable>(
        _ writes: [Write<Answer>], whenReady: () -> Void = {}
    ) throws -> [Result<Answer, any Error>] {
        let database = database
        let answers = Monitor([Int: Result<Answer, any Error>]())
        let (isBusy, isFree) = (Monitor(false), Monitor(false))
        Thread.detachNewThread {
            try? database.write { _ in
                isBusy.withLock { $0 = true }
                isFree.wait { $0 ? () : nil }
            }
        }
        defer { isFree.withLock { $0 = true } }
        guard isBusy.wait(timeout: .seconds(10), { $0 ? true : nil }) != nil else {
            throw SupportFailure("the writer takes no work")
        }
        for (number, write) in writes.enumerated() {
            Thread.detachNewThread {
                let answer = Result { try database.write(write) }
                answers.withLock { $0[number] = answer }
            }
            // In their order, so that a test can say who comes before whom.
            try Eventually.holds("write \(number) waits") { database.writer.waiting == number + 1 }
        }
        whenReady()
        isFree.withLock { $0 = true }
        let all = answers.wait(timeout: .seconds(30)) { $0.count == writes.count ? $0 : nil }
        guard let all else {
            throw SupportFailure("\(writes.count - answers.withLock { $0.count }) writes got no answer")
        }
        return writes.indices.compactMap { all[$0] }
    }
}

extension Result {
    var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}
