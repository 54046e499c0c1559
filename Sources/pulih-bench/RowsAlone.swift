import Domain
import Glibc
import Store
import Threading

/// The rows of some work, written by the store alone and many to a commit, beside what else the work cannot do without: no
/// program that keeps these rows can be faster, whatever it checks and renders.
enum RowsAlone {
    /// - Parameters:
    ///   - count: how many pieces of work.
    ///   - rows: writes the rows of all of them.
    ///   - work: does the rest at the same time.
    /// - Returns: pieces a second until both have ended, and this process's CPU for one in microseconds.
    static func measure(
        _ count: Int, _ rows: @escaping @Sendable () throws -> Void, beside work: () throws -> Void
    ) throws -> (rate: Double, processorTime: Double) {
        let failure = Monitor<String?>(nil)
        let used = processTime(getpid())
        let time = try seconds {
            let writing = Thread(name: "rows") {
                do { try rows() } catch { failure.withLock { $0 = "\(error)" } }
            }
            defer { writing.join() }
            try work()
        }
        if let failure = failure.withLock({ $0 }) { throw BenchFailure(failure) }
        return (Double(count) / time, (processTime(getpid()) - used) / Double(count) * 1e6)
    }

    /// An empty queue.
    static func queue(_ run: Run) throws -> Database {
        try Database(path: run.folder.fresh("rows.db"), clock: BenchClock())
    }
}
