import Curl
import Threading

/// Follows the SMTP dialogue of one transfer.
///
/// libcurl's result code tells neither 4xx from 5xx nor one step from another; commands and replies do.
final class SMTPObserver: TransferObserver {
    /// The last step begun, as far as the wire shows; nil while the name is looked up and the connection made.
    private(set) var stage: Stage?
    /// The reply to that step, once its last line has come.
    private(set) var code: Int?
    /// True when libcurl began to send over a new connection on which the relay had offered no AUTH: it would go on
    /// without the credentials it was given. One command more may follow until it asks whether to end, but never DATA.
    private(set) var lacksAuthentication = false

    /// Receives each step as it begins.
    var onStage: (Stage) -> Void = { _ in }
    /// Whether a step took longer than it may.
    private(set) var isOverdue = false
    /// What the relay offered for AUTH in its last answer to EHLO, in capitals.
    private(set) var offeredMechanisms: [String] = []
    /// The last challenge of AUTH that says something, in base64 (RFC 4954 section 4).
    private(set) var challenge = ""

    private let requiresAuthentication: Bool
    private let timeouts: StepTimeouts
    private var stepStart = ContinuousClock.now
    private let stop: StopSignal
    private var isNewConnection = false
    private var isAuthenticated = false
    private var isQuitting = false
    private var replyBytes: [UInt8] = []

    /// Far more than a reply is shown of, so that a cut cannot hide what must be found in it.
    private static let longestReply = 4_000

    init(requiresAuthentication: Bool, timeouts: StepTimeouts, stop: StopSignal) {
        self.timeouts = timeouts
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
        isOverdue = false
        stepStart = .now
        onStage(.connect)
        challenge = ""
        forgetReply()
    }

    /// True when the transfer should break off. After a failure libcurl says QUIT and would wait for the answer
    /// as long as for any other: nobody needs that answer.
    var shouldStop: Bool {
        if isQuitting || lacksAuthentication || stop.isRaised { return true }
        if ContinuousClock.now - stepStart > timeouts.limit(stage) { isOverdue = true }
        return isOverdue
    }

    var wasStopped: Bool { stop.isRaised }

    /// The words of the reply without its codes, as the relay wrote them.
    var reply: String { String(decoding: replyBytes, as: UTF8.self) }

    /// A command. Lines that answer a challenge of AUTH pass here too; they are not looked at, let alone kept.
    func didSend(_ line: UnsafeRawBufferPointer) {
        guard !isChallenged else { return }
        switch Verb(line) {
        case .ehlo, .helo:
            isNewConnection = true
            offeredMechanisms = []
            enter(.hello)
        case .starttls: enter(.tls)
        case .auth:
            isAuthenticated = true
            enter(.authentication)
        case .mail:
            checkAuthentication()
            enter(.sender)
        case .rcpt: enter(.recipient)
        case .data: enter(.data)
        case .noop: checkAuthentication()
        case .quit: isQuitting = true
        case nil: break
        }
    }

    /// A part of a TLS handshake; after STARTTLS the step is known already.
    func didSendHandshake() {
        if stage == nil { enter(.tls) }
    }

    func didSendBody() {
        if stage != .body { enter(.body) }
    }

    /// A reply line, `250-words` or `250 words` (RFC 5321 section 4.2).
    func didReceive(_ line: UnsafeRawBufferPointer) {
        guard !isQuitting else { return }
        if stage == nil || (stage == .tls && !isNewConnection) { enter(.greeting) }
        if code != nil { forgetReply() }
        if replyBytes.count < Self.longestReply {
            if !replyBytes.isEmpty { replyBytes.append(Byte.space) }
            let end = line.lastIndex { $0 != Byte.carriageReturn && $0 != Byte.lineFeed } ?? 0
            replyBytes += line[...end].dropFirst(4).prefix(Self.longestReply)
        }
        code = finalCode(line)
        if stage == .hello { noteMechanisms(line) }
        if isChallenged && !replyBytes.isEmpty { challenge = reply }
    }

    /// `250-AUTH PLAIN LOGIN` (RFC 4954 section 3).
    private func noteMechanisms(_ line: UnsafeRawBufferPointer) {
        let words = String(decoding: line.dropFirst(4).prefix(Self.longestReply), as: UTF8.self).uppercased()
            .split { $0.isWhitespace }
        if words.first == "AUTH" { offeredMechanisms = words.dropFirst().map(String.init) }
    }

    private var isChallenged: Bool { stage == .authentication && code.map { $0 / 100 } == 3 }

    private func enter(_ stage: Stage) {
        self.stage = stage
        stepStart = .now
        onStage(stage)
        forgetReply()
    }

    private func forgetReply() {
        code = nil
        replyBytes.removeAll(keepingCapacity: true)
    }

    private func checkAuthentication() {
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

/// The code of a reply's last line: three digits before a space or the line's end; nil for any other line.
private func finalCode(_ line: UnsafeRawBufferPointer) -> Int? {
    guard line.count > 3, line[3] == Byte.space || isControl(line[3]) else { return nil }
    var code = 0
    for digit in line[..<3] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        code = code * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return code
}
