import Curl
import SMTP
import Threading

/// One form posted over HTTPS. Redirects are not followed, no proxy is used, the certificate is verified.
struct FormRequest {
    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    let url: String
    let caFile: String?
    let timeout: Duration

    /// More than any answer with a token has.
    static let longestAnswer = 65_536

    /// - Parameter stop: ends the request within about a second.
    func post(_ form: String, stop: StopSignal) throws(TokenError) -> Answer {
        let collector = AnswerCollector(stop: stop)
        guard let handle = EasyHandle(observer: collector), let headers = CurlList(["Accept: application/json"]) else {
            throw failure(.outOfMemory, nil)
        }
        handle.set(.url, url)
        handle.set(.protocols, url.lowercased().hasPrefix("http:") ? "http" : "https")
        handle.set(.proxy, "")
        handle.set(.headers, headers)
        handle.set(.postFields, form)
        handle.set(.verifyPeer, 1)
        handle.set(.verifyHost, 2)
        handle.set(.tlsVersion, TLSUse.version12OrLater)
        if let caFile {
            handle.set(.caFile, caFile)
            // Without this the system's folder of authorities would be trusted as well.
            handle.set(.caFolder, nil)
        }
        let (seconds, attoseconds) = timeout.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        handle.set(.connectTimeout, milliseconds)
        handle.set(.totalTimeout, milliseconds)
        let result = handle.perform()
        guard result == .ok else { throw failure(result, handle) }
        return Answer(status: handle.responseCode, body: collector.body)
    }

    private func failure(_ result: CurlResult, _ handle: EasyHandle?) -> TokenError {
        let place = "the token endpoint \(url)"
        let detail = sanitized(handle?.errorMessage ?? "out of memory")
        return switch result {
        case .couldNotResolveHost:
            TokenError("\(place) cannot be found by name", cure: "check smtp.oauth2.tokenURL and this machine's DNS")
        case .couldNotConnect:
            TokenError(
                "\(place) cannot be reached (\(handle?.connectionError ?? ""))",
                cure: "check smtp.oauth2.tokenURL and firewalls; no proxy is used")
        case .timedOut:
            TokenError(
                "\(place) did not answer within \(timeout.components.seconds) s",
                cure: "check smtp.oauth2.tokenURL and firewalls; no proxy is used")
        case .peerNotVerified:
            TokenError(
                "\(place) has a certificate that cannot be trusted (\(detail))",
                cure: "check smtp.oauth2.tokenURL; if the authority is one of your own, name it as smtp.oauth2.caFile")
        case .unreadableCAFile:
            TokenError(
                "\(place) cannot be verified, since the CA file \(caFile ?? "") cannot be read",
                cure: "check its path, rights and content")
        case .tlsHandshakeFailed:
            TokenError("\(place) failed in the TLS handshake (\(detail))", cure: "it must speak TLS 1.2 or later")
        case .bodyNotTaken:
            TokenError(
                "\(place) answered with more than \(Self.longestAnswer / 1024) kB",
                cure: "check that smtp.oauth2.tokenURL is the address of tokens")
        case .stopped:
            TokenError(
                "\(place) was left because this program was asked to stop", cure: "nothing was sent to the relay")
        default: TokenError("\(place) broke off (\(detail))", cure: "check smtp.oauth2.tokenURL, and try again later")
        }
    }
}

/// Keeps the body of an answer, and nothing of the request.
private final class AnswerCollector: TransferObserver {
    private(set) var body: [UInt8] = []
    private let stop: StopSignal

    init(stop: StopSignal) { self.stop = stop }

    var shouldStop: Bool { stop.isRaised }

    func didReceiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= FormRequest.longestAnswer else { return false }
        body += bytes
        return true
    }

    func didSend(_ line: UnsafeRawBufferPointer) {}
    func didReceive(_ line: UnsafeRawBufferPointer) {}
    func didSendBody() {}
    func didSendHandshake() {}
}
