import Foundation
import Threading

/// Runs `body` on that many threads at once and waits for them all.
/// - Returns: what they answered, by the number of the thread.
/// - Throws: the error of the first thread that threw, by its number.
package func inParallel<Answer: Sendable>(
    _ threads: Int, _ body: @escaping @Sendable (Int) throws -> Answer
) throws -> [Answer] {
    let answers = Monitor([Int: Result<Answer, any Error>]())
    let start = Monitor(0)
    for number in 0..<threads {
        Thread.detachNewThread {
            // Together: a thread that is started late would find the others done.
            start.withLock { $0 += 1 }
            start.wait { $0 == threads ? () : nil }
            let answer = Result { try body(number) }
            answers.withLock { $0[number] = answer }
        }
    }
    let all = answers.wait(timeout: .seconds(60)) { $0.count == threads ? $0 : nil }
    guard let all else { throw SupportFailure("\(threads - answers.withLock { $0.count }) of \(threads) threads hang") }
    return try (0..<threads).compactMap { try all[$0]?.get() }
}
