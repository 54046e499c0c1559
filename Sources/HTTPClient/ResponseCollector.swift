import Curl
import Threading

/// Keeps headers and body of an answer, and nothing of the request.
final class ResponseCollector: TransferObserver {
    /// More of them than any answer needs are not kept.
    private static let mostHeaders = 100

    private(set) var headers: [String: String] = [:]
    private(set) var body: [UInt8] = []
    private let stop: StopSignal

    init(stop: StopSignal) { self.stop = stop }

    /// Forgets the answer of before.
    func begin() { (headers, body) = ([:], []) }

    var shouldStop: Bool { stop.isRaised }

    func didReceive(_ line: UnsafeRawBufferPointer) {
        let text = String(decoding: line, as: UTF8.self)
        // A provisional answer (RFC 9110 section 15.2) comes before the real one.
        if text.hasPrefix("HTTP/") { headers = [:] }
        guard let colon = text.firstIndex(of: ":"), headers.count < Self.mostHeaders else { return }
        headers[text[..<colon].lowercased()] =
            String(text[colon...].dropFirst().drop { $0 == " " })
            .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    func didReceiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = HTTPSession.longestBody - body.count
        body += bytes.prefix(room)
        return bytes.count <= room
    }

    func didSend(_ line: UnsafeRawBufferPointer) {}
    func didSendBody() {}
    func didSendHandshake() {}
}
