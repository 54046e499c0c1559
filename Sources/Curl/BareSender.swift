import CCurl

/// libcurl sending one mail again and again by a plain upload, with nothing around it: what any sender built on its easy
/// interface can reach at most. Benchmarks compare with it; it mails nobody. One thread at a time.
package final class BareSender {
    private let handle: UnsafeMutableRawPointer
    private let recipients: CurlList
    private let upload: Upload
    private let limit: Int
    private var sent = 0

    /// - Parameters:
    ///   - message: headers and body as they are on the wire, without the doubled dots and the dot at the end.
    ///   - messagesPerConnection: after so many the connection is closed.
    /// - Returns: nil when libcurl has no memory left.
    package init?(port: Int, from sender: String, to recipient: String, message: [UInt8], messagesPerConnection: Int) {
        guard globalInitialization == CURLE_OK, let handle = curl_easy_init(), let recipients = CurlList([recipient])
        else { return nil }
        (self.handle, self.recipients, limit) = (handle, recipients, messagesPerConnection)
        upload = Upload(message)
        let codes = [
            ccurl_set_string(handle, CURLOPT_URL, "smtp://127.0.0.1:\(port)"),
            ccurl_set_string(handle, CURLOPT_MAIL_FROM, sender),
            ccurl_set_list(handle, CURLOPT_MAIL_RCPT, recipients.first),
            ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1), upload.hand(to: handle),
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { return nil }
    }

    deinit { curl_easy_cleanup(handle) }

    /// - Returns: whether the relay has taken the mail.
    package func send() -> Bool {
        upload.taken = 0
        sent += 1
        guard ccurl_set_long(handle, CURLOPT_FORBID_REUSE, sent.isMultiple(of: limit) ? 1 : 0) == CURLE_OK else {
            return false
        }
        return curl_easy_perform(handle) == CURLE_OK
    }

    package static var libraryVersion: String { String(cString: ccurl_version()) }
}

@available(*, unavailable) extension BareSender: Sendable {}
