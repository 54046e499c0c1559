import Curl
package import Threading

// HTTPClient: posts over HTTPS through libcurl. Redirects are not followed, no proxy is used, certificates are verified, and
// what comes back is limited in time and length. It knows nothing of what is posted. Begin here.

/// Posts one request after another, over a connection that is kept while they succeed. One thread at a time.
package final class HTTPSession {
    package struct Settings: Sendable {
        /// PEM file with the only authorities trusted; nil trusts those of the system.
        let caFile: String?
        /// For one request, from the name look-up to the end of the answer.
        let timeout: Duration

        package init(caFile: String? = nil, timeout: Duration = .seconds(15)) {
            self.caFile = caFile
            self.timeout = timeout
        }
    }

    /// Bytes of an answer's body that are read.
    package static let longestBody = 65_536

    private let settings: Settings
    private let collector: ResponseCollector
    private var handle: EasyHandle?

    /// - Parameter stop: ends a request within about a second.
    package init(_ settings: Settings, stop: StopSignal) {
        self.settings = settings
        collector = ResponseCollector(stop: stop)
    }

    /// Posts a body. An answer of any status is one: errors are for when none came.
    /// - Parameters:
    ///   - url: https, or http to this machine.
    ///   - body: without NUL.
    package func post(
        _ body: String, to url: String, headers: [String]
    ) throws(HTTPError) -> HTTPResponse {
        if let problem = WebAddress.problem(with: url) { throw HTTPError(.forbidden, "\(problem)") }
        // Without "Expect" a long body is sent at once, and not after a question whether it may.
        guard let lines = CurlList(["Expect:"] + headers), let handle = handle ?? makeHandle() else {
            throw HTTPError(.brokeOff, "broke off (out of memory)")
        }
        collector.begin()
        handle.set(.url, url)
        handle.set(.protocols, url.lowercased().hasPrefix("http:") ? "http" : "https")
        handle.set(.headers, lines)
        handle.set(.postFields, body)
        let result = handle.perform()
        let isCut = result == .bodyNotTaken
        // What failed is not used again: a late answer must not be taken for the next one.
        self.handle = result == .ok ? handle : nil
        guard result == .ok || isCut else { throw failure(result, handle) }
        return HTTPResponse(
            status: handle.responseCode, headers: collector.headers, body: collector.body, isCut: isCut,
            seconds: handle.seconds, reusedConnection: handle.connectionsOpened == 0)
    }

    /// Ends the connection, if one is kept.
    package func disconnect() { handle = nil }

    private func makeHandle() -> EasyHandle? {
        guard let handle = EasyHandle(observer: collector) else { return nil }
        handle.set(.proxy, "")
        handle.set(.verifyPeer, 1)
        handle.set(.verifyHost, 2)
        handle.set(.tlsVersion, TLSUse.version12OrLater)
        if let caFile = settings.caFile {
            handle.set(.caFile, caFile)
            // Without this the system's folder of authorities would be trusted as well.
            handle.set(.caFolder, nil)
        }
        let (seconds, attoseconds) = settings.timeout.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        handle.set(.connectTimeout, milliseconds)
        handle.set(.totalTimeout, milliseconds)
        return handle
    }

    private func failure(_ result: CurlResult, _ handle: EasyHandle) -> HTTPError {
        let words = handle.errorMessage
        let (cause, phrase): (HTTPError.Cause, String) =
            switch result {
            case .couldNotResolveHost: (.nameNotFound, "cannot be found by name")
            case .couldNotConnect: (.unreachable, "cannot be reached (\(handle.connectionError))")
            case .timedOut: (.timedOut, "did not answer within \(settings.timeout.components.seconds) s")
            case .peerNotVerified: (.untrusted, "has a certificate that cannot be trusted (\(words))")
            case .unreadableCAFile:
                (
                    .unreadableAuthorities,
                    "cannot be verified, since the CA file \(settings.caFile ?? "") cannot be read"
                )
            case .tlsHandshakeFailed: (.handshakeFailed, "failed in the TLS handshake (\(words))")
            case .stopped: (.stopped, "was left because this program was asked to stop")
            default: (.brokeOff, "broke off (\(words))")
            }
        return HTTPError(cause, phrase, seconds: handle.seconds)
    }
}

// libcurl wants one thread at a time.
@available(*, unavailable) extension HTTPSession: Sendable {}
