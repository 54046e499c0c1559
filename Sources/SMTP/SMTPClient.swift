package import Threading

// SMTP: one message at a time to one relay, and a result that tells temporary, permanent and unknown apart and explains
// itself. It knows no job and no template. Begin here, then `SMTPConnection` and `TransferResult`.

/// Carries messages to one relay over one connection, which is kept while all goes well and given up after any failure.
///
/// A courier blocks while it sends, and belongs to one thread at a time.
package final class SMTPClient {
    /// Receives each step as it begins, on the thread that sends.
    package var onStage: (Stage) -> Void = { _ in }

    private let relay: Relay
    private let stop: StopSignal
    private var connection: SMTPConnection?
    /// Over `connection`.
    private var messageCount = 0

    /// - Parameter stop: ends transfers within about a second. A message whose end was already sent ends as `unknown` unless
    ///   its reply had come, so raise it only when waiting longer is worse.
    package init(to relay: Relay, stop: StopSignal = StopSignal()) {
        self.relay = relay
        self.stop = stop
    }

    /// Sends one message.
    ///
    /// A relay may end an idle connection at any time; a message that meets such a connection is sent over a new one immediately.
    package func send(_ message: Message) -> SendResult {
        var result = attempt(message)
        if result.isStaleConnection { result = attempt(message) }
        return result.sendResult(for: relay)
    }

    /// Goes as far as one can without a message, over a connection of its own; `delivered` means that the relay is ready.
    /// - Parameter sender: asked about with MAIL FROM, which obliges nobody.
    package func probe(sender: EmailAddress) -> SendResult {
        (SMTPConnection(relay: relay, stop: stop)?.probe(sender: sender) ?? .outOfMemory).sendResult(for: relay)
    }

    /// Ends the kept connection, if any; the next message opens a new one.
    package func disconnect() {
        connection = nil
    }

    private func attempt(_ message: Message) -> TransferResult {
        guard let connection = connection ?? SMTPConnection(relay: relay, stop: stop) else { return .outOfMemory }
        let result = connection.send(message, onStage: onStage)
        messageCount = self.connection == nil ? 1 : messageCount + 1
        let isKept = result.leavesConnectionClean && messageCount < relay.messagesPerConnection
        self.connection = isKept ? connection : nil
        return result
    }
}

@available(*, unavailable) extension SMTPClient: Sendable {}
