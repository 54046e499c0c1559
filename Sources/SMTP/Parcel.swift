import CCurl

/// A message in libcurl's structures, which must outlive the transfer.
final class Parcel {
    let recipients: UnsafeMutablePointer<curl_slist>
    let headers: UnsafeMutablePointer<curl_slist>
    let mime: OpaquePointer

    /// Nil when libcurl has no memory left.
    init?(_ message: Message, for handle: UnsafeMutableRawPointer) {
        // libcurl would call the top level multipart/mixed; it adds the boundary to this line.
        let headerLines = message.headerLines + ["Content-Type: multipart/alternative"]
        guard let recipients = list(["<\(message.recipient)>"]) else { return nil }
        guard let headers = list(headerLines) else {
            curl_slist_free_all(recipients)
            return nil
        }
        guard let mime = mimeBody(message.body.value, for: handle) else {
            curl_slist_free_all(recipients)
            curl_slist_free_all(headers)
            return nil
        }
        self.recipients = recipients
        self.headers = headers
        self.mime = mime
    }

    deinit {
        curl_mime_free(mime)
        curl_slist_free_all(headers)
        curl_slist_free_all(recipients)
    }
}

/// Nil for no lines, or no memory.
private func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
        guard let longer = curl_slist_append(list, line) else {
            curl_slist_free_all(list)
            return nil
        }
        list = longer
    }
    return list
}

/// Text first, then HTML: the last alternative is the preferred one (RFC 2046 section 5.1.4).
///
/// Base64 keeps lines short and lets no byte of the body look like SMTP; its size is known beforehand,
/// which tells how much of the body has gone.
private func mimeBody(_ body: Message.Body, for handle: UnsafeMutableRawPointer) -> OpaquePointer? {
    guard let mime = curl_mime_init(handle) else { return nil }
    let parts = [("text/plain; charset=utf-8", body.text), ("text/html; charset=utf-8", body.html)]
    for case (let type, let content?) in parts {
        let part = curl_mime_addpart(mime)
        let codes = [
            curl_mime_type(part, type),
            curl_mime_encoder(part, "base64"),
            content.withUnsafeBytes { bytes in
                curl_mime_data(part, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            },
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else {
            curl_mime_free(mime)
            return nil
        }
    }
    return mime
}
