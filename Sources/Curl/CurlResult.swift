import CCurl

/// How a transfer ended (libcurl-errors(3)).
package struct CurlResult: Equatable, Sendable {
    let code: CURLcode

    package static let ok = CurlResult(code: CURLE_OK)
    package static let outOfMemory = CurlResult(code: CURLE_OUT_OF_MEMORY)
    package static let couldNotResolveHost = CurlResult(code: CURLE_COULDNT_RESOLVE_HOST)
    package static let couldNotConnect = CurlResult(code: CURLE_COULDNT_CONNECT)
    package static let timedOut = CurlResult(code: CURLE_OPERATION_TIMEDOUT)
    /// The peer does not offer the TLS that was required.
    package static let tlsNotOffered = CurlResult(code: CURLE_USE_SSL_FAILED)
    package static let tlsHandshakeFailed = CurlResult(code: CURLE_SSL_CONNECT_ERROR)
    package static let peerNotVerified = CurlResult(code: CURLE_PEER_FAILED_VERIFICATION)
    package static let unreadableCAFile = CurlResult(code: CURLE_SSL_CACERT_BADFILE)
    package static let loginDenied = CurlResult(code: CURLE_LOGIN_DENIED)
    package static let receiveFailed = CurlResult(code: CURLE_RECV_ERROR)
    /// The observer would not take the body that came.
    package static let bodyNotTaken = CurlResult(code: CURLE_WRITE_ERROR)
    /// The observer broke the transfer off.
    package static let stopped = CurlResult(code: CURLE_ABORTED_BY_CALLBACK)
}
