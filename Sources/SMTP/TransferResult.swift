import Curl

/// What a transfer left behind; verdict and explanation are read from it alone.
struct TransferResult {
    let result: CurlResult
    let stage: Stage
    /// The reply to the last step, if its last line came.
    let code: Int?
    let reply: String
    let reusedConnection: Bool
    /// libcurl wrote the whole body to the socket: the line that ends it may have been sent.
    let bodyWasSent: Bool
    let wasStopped: Bool
    let seconds: Double
    /// libcurl's own words for its error.
    let detail: String
    /// OpenSSL's verification result for the relay's certificate (X509_V_…); 0 is good.
    let certificateResult: Int
    /// errno of the connection attempt, in words.
    let connectionError: String
    /// What the login was made with; nil without one.
    var mechanism: Login.Mechanism?
    /// Why the relay refused a token, in the words of its challenge; empty when it sent none.
    var challenge = ""
    /// The mechanisms of AUTH that the relay offered, in capitals.
    var offeredMechanisms: [String] = []

    /// Only a reply that broke the transfer off, or ended it well, belongs to the outcome: after a loss at the
    /// end of the body, for example, 354 says nothing any more.
    var decisiveCode: Int? {
        guard let code else { return nil }
        let isPositive = (200..<400).contains(code)
        return isPositive && !isAccepted ? nil : code
    }

    /// The relay's word counts above libcurl's result: any 2yz ends the body well (RFC 5321 section 4.2.1), also when
    /// libcurl insists on 250 or was asked to stop as the reply came.
    var isAccepted: Bool {
        result == .ok || (stage == .body && bodyWasSent && code.map { $0 / 100 } == 2)
    }

    var status: DeliveryStatus {
        if isAccepted { return .delivered }
        if let code = decisiveCode {
            if code == 421 || stage <= .sender { return .relayFault }
            if code / 100 == 4 { return .temporary }
            if code / 100 == 5 { return .permanent }
        }
        if bodyWasSent { return .unknown }
        return stage >= .sender || wasStopped ? .temporary : .relayFault
    }

    /// After any failure the connection may still bring a late reply, which the next message would take for its own.
    var leavesConnectionClean: Bool { result == .ok }

    /// The relay had ended a kept connection before this message came to anything: its failure is nobody's fault.
    var isStaleConnection: Bool {
        reusedConnection && stage == .sender && !wasStopped && (decisiveCode == nil || decisiveCode == 421)
    }

    func sendResult(for relay: Relay) -> SendResult {
        SendResult(
            verdict: status, stage: stage, code: decisiveCode, reply: decisiveCode == nil ? "" : reply,
            reusedConnection: reusedConnection, seconds: seconds, explanation: explanation(for: relay))
    }
}

extension TransferResult {
    /// libcurl could not even be asked.
    static let outOfMemory = TransferResult(
        result: .outOfMemory, stage: .resolve, code: nil, reply: "", reusedConnection: false, bodyWasSent: false,
        wasStopped: false, seconds: 0, detail: "out of memory", certificateResult: 0, connectionError: "")
}
