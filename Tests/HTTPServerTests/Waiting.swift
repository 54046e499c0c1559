import Foundation

/// Looks again every few milliseconds, for what no event tells of, and gives up after ten seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 10)
    while Date() < end {
        if condition() { return true }
        usleep(2000)
    }
    return condition()
}

/// Runs the body on as many threads at once, whatever the number of cores, and waits for all.
func inParallel(_ count: Int, _ body: @escaping @Sendable (_ index: Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread.detachNewThread {
            body(index)
            group.leave()
        }
    }
    group.wait()
}
