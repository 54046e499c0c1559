/// How long the relay may take for each step. RFC 5321, section 4.5.3.2, allows minutes; these fit mails whose links live for
/// half an hour, and a relay that hangs on one recipient must not keep all others waiting.
package struct StepTimeouts: Sendable, Equatable {
    /// The name look-up and the connection.
    package var connect = Duration.seconds(15)
    package var greeting = Duration.seconds(30)
    package var hello = Duration.seconds(30)
    package var tls = Duration.seconds(30)
    package var authentication = Duration.seconds(30)
    package var sender = Duration.seconds(30)
    package var recipient = Duration.seconds(30)
    /// From DATA to the end of the message.
    package var data = Duration.seconds(60)
    /// From the end of the message to the answer. Whoever gives up earlier than the relay sends mails twice.
    package var end = Duration.seconds(120)

    package init() {}

    /// The same for every step.
    package init(each: Duration) {
        (connect, greeting, hello, tls, authentication) = (each, each, each, each, each)
        (sender, recipient, data, end) = (each, each, each, each)
    }

    var all: [Duration] { [connect, greeting, hello, tls, authentication, sender, recipient, data, end] }

    /// - Parameter stage: the step that was begun last; nil before anything was sent or received.
    func limit(_ stage: Stage?) -> Duration {
        switch stage {
        case nil, .resolve, .connect: connect
        case .tls: tls
        case .greeting: greeting
        case .hello: hello
        case .authentication: authentication
        case .sender: sender
        case .recipient: recipient
        case .data: data
        case .body: end
        }
    }
}
