import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
    /// Waits for the word of another process on a channel that this connection listens to.
    /// - Parameters:
    ///   - ended: a descriptor that becomes readable when there is no more waiting to be done.
    ///   - ignoring: processes of the server whose word does not count.
    ///   - milliseconds: how long to wait; -1 for as long as it takes.
    /// - Returns: whether there was word.
    /// - Throws: `PostgreSQLError` when the way to the server is broken.
    package func waitForNotification(
        until ended: Int32, ignoring: (Int32) -> Bool, timeout milliseconds: Int32
    ) throws -> Bool {
        if takeNotifications(ignoring) { return true }
        var descriptors = [ended, PQsocket(handle)].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0, descriptors[1].revents != 0 else {
            return false
        }
        guard PQconsumeInput(handle) == 1, !isBroken else { throw PostgreSQLError(handle) }
        return takeNotifications(ignoring)
    }

    private func takeNotifications(_ ignoring: (Int32) -> Bool) -> Bool {
        var hasWord = false
        while let notification = PQnotifies(handle) {
            if !ignoring(notification.pointee.be_pid) { hasWord = true }
            PQfreemem(notification)
        }
        return hasWord
    }
}
