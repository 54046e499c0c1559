import HTTPClient
import SMTP
import Threading

/// One form posted to a token endpoint.
struct FormRequest {
    let url: String
    let caFile: String?
    let timeout: Duration

    /// - Parameter stop: ends the request within about a second.
    func post(_ form: String, stop: StopSignal) throws(TokenError) -> HTTPResponse {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try HTTPSession(.init(caFile: caFile, timeout: timeout), stop: stop)
                .post(form, to: url, headers: ["Accept: application/json"])
        } catch {
            throw TokenError("the token endpoint \(url) \(sanitized(error.phrase))", cure: Self.cure(for: error.cause))
        }
        guard !response.isCut else {
            throw TokenError(
                "the token endpoint \(url) answered with more than \(HTTPSession.longestBody / 1024) kB",
                cure: "check that smtp.oauth2.tokenURL is the address of tokens")
        }
        return response
    }

    private static func cure(for cause: HTTPError.Cause) -> String {
        switch cause {
        case .forbidden: "check smtp.oauth2.tokenURL"
        case .nameNotFound: "check smtp.oauth2.tokenURL and this machine's DNS"
        case .unreachable, .timedOut: "check smtp.oauth2.tokenURL and firewalls; no proxy is used"
        case .untrusted:
            "check smtp.oauth2.tokenURL; if the authority is one of your own, name it as smtp.oauth2.caFile"
        case .unreadableAuthorities: "check its path, rights and content"
        case .handshakeFailed: "it must speak TLS 1.2 or later"
        case .stopped: "nothing was sent to the relay"
        case .brokeOff: "check smtp.oauth2.tokenURL, and try again later"
        }
    }
}
