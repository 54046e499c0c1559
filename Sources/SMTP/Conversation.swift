/// What one transfer says and hears on the wire, noted from libcurl's callbacks.
///
/// libcurl's result code tells neither 4xx from 5xx nor one step from another; commands and replies do.
final class Conversation {
    /// The last step begun, as far as the wire shows: looking up, connecting and TLS on connect say no line.
    private(set) var stage: Stage?
    /// The reply to that step, once its last line has come.
    private(set) var code: Int?
    /// True when mail was about to leave over a new connection on which the relay had offered no AUTH:
    /// libcurl would go on without the credentials it was given.
    private(set) var lacksAuthentication = false

    private let requiresAuthentication: Bool
    private let stop: StopSignal
    private var isNewConnection = false
    private var isAuthenticated = false
    private var isQuitting = false
    private var replyBytes: [UInt8] = []

    /// Far more than a reply is shown of, so that a cut cannot hide what must be found in it.
    private static let longestReply = 4_000

    init(requiresAuthentication: Bool, stop: StopSignal) {
        self.requiresAuthentication = requiresAuthentication
        self.stop = stop
        replyBytes.reserveCapacity(256)
    }

    /// Forgets the transfer before.
    func begin() {
        stage = nil
        lacksAuthentication = false
        isNewConnection = false
        isAuthenticated = false
        isQuitting = false
        forgetReply()
    }

    /// True when the transfer should break off. After a failure libcurl says QUIT and would wait for the answer
    /// as long as for any other: nobody needs that answer.
    var shouldEnd: Bool { isQuitting || lacksAuthentication || stop.isRaised }

    var wasStopped: Bool { stop.isRaised }

    /// The words of the reply without its codes, as the relay wrote them.
    var reply: String { String(decoding: replyBytes, as: UTF8.self) }

    /// A command. The lines of an AUTH exchange pass here too; they begin with no verb and nothing of them is kept.
    func sent(_ line: UnsafeRawBufferPointer) {
        switch Verb(line) {
        case .ehlo, .helo:
            isNewConnection = true
            enter(.hello)
        case .starttls: enter(.tls)
        case .auth:
            isAuthenticated = true
            enter(.authentication)
        case .mail:
            noteMissingAuthentication()
            enter(.sender)
        case .rcpt: enter(.recipient)
        case .data: enter(.data)
        case .noop: noteMissingAuthentication()
        case .quit: isQuitting = true
        case nil: break
        }
    }

    func sentBody() {
        if stage != .body { enter(.body) }
    }

    /// A reply line, `250-words` or `250 words` (RFC 5321 section 4.2).
    func received(_ line: UnsafeRawBufferPointer) {
        guard !isQuitting else { return }
        if stage == nil { enter(.greeting) }
        if code != nil { forgetReply() }
        if replyBytes.count < Self.longestReply {
            if !replyBytes.isEmpty { replyBytes.append(Byte.space) }
            let end = line.lastIndex { $0 != Byte.carriageReturn && $0 != Byte.lineFeed } ?? 0
            replyBytes += line[...end].dropFirst(4).prefix(Self.longestReply)
        }
        if line.count < 4 || line[3] != Byte.hyphen { code = replyCode(line) }
    }

    private func enter(_ stage: Stage) {
        self.stage = stage
        forgetReply()
    }

    private func forgetReply() {
        code = nil
        replyBytes.removeAll(keepingCapacity: true)
    }

    private func noteMissingAuthentication() {
        lacksAuthentication = requiresAuthentication && isNewConnection && !isAuthenticated
    }
}

/// The commands libcurl says, by the four bytes that tell them apart.
private enum Verb: String, CaseIterable {
    case ehlo = "EHLO"
    case helo = "HELO"
    case starttls = "STAR"
    case auth = "AUTH"
    case mail = "MAIL"
    case rcpt = "RCPT"
    case data = "DATA"
    case noop = "NOOP"
    case quit = "QUIT"

    init?(_ line: UnsafeRawBufferPointer) {
        guard let verb = Self.allCases.first(where: { line.starts(with: $0.rawValue.utf8) }) else { return nil }
        self = verb
    }
}

/// Three digits; nil for a line that begins with something else.
private func replyCode(_ line: UnsafeRawBufferPointer) -> Int? {
    let digits = line.prefix(3).map { Int($0) - 0x30 }
    guard digits.count == 3, digits.allSatisfy((0...9).contains) else { return nil }
    return digits[0] * 100 + digits[1] * 10 + digits[2]
}
