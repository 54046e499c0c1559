import Threading

/// Threads that are started when there is work for them and then wait for more.
final class WorkerPool: Sendable {
    typealias Work = @Sendable () -> Void

    /// One thread's next piece of work, or its end.
    private enum Order {
        case work(Work)
        case end
    }

    private typealias Mailbox = Monitor<Order?>

    private struct State {
        /// The last one to become idle is asked first: what it needs is still in the caches.
        var idle: [Mailbox] = []
        var threads: [Thread] = []
        /// What no thread was free for.
        var waiting: [Work] = []
        var isClosed = false
    }

    private let limit: Int
    private let state = Monitor(State())

    /// - Parameter limit: how many threads there may be.
    init(limit: Int) {
        self.limit = limit
    }

    /// Runs the work on a thread of its own as soon as there is one; on the caller's where the first cannot be started.
    func run(_ work: @escaping Work) {
        let isAlone = state.withLock { state in
            if let mailbox = state.idle.popLast() {
                mailbox.withLock { $0 = .work(work) }
            } else if state.threads.count < limit, let thread = start(work) {
                state.threads.append(thread)
            } else if state.threads.isEmpty {
                return true
            } else {
                state.waiting.append(work)
            }
            return false
        }
        if isAlone { work() }
    }

    /// Finishes what was handed in and waits for the threads to end. Nothing more may be handed in.
    func close() {
        let threads = state.withLock { state in
            state.isClosed = true
            for mailbox in state.idle { mailbox.withLock { $0 = .end } }
            state.idle = []
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func start(_ first: @escaping Work) -> Thread? {
        Thread(ifAvailable: "http-worker") { [self] in
            let mailbox = Mailbox(nil)
            first()
            while case .work(let work) = next(mailbox) { work() }
        }
    }

    private func next(_ mailbox: Mailbox) -> Order {
        let order: Order? = state.withLock { state in
            if !state.waiting.isEmpty { return .work(state.waiting.removeFirst()) }
            if state.isClosed { return .end }
            state.idle.append(mailbox)
            return nil
        }
        if let order { return order }
        return mailbox.wait { $0.take() } ?? .end
    }
}
