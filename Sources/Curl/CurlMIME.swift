import CCurl

/// A MIME body in libcurl's form (curl_mime_init(3)).
package final class CurlMIME {
    package struct Part {
        package let type: String
        package let content: [UInt8]
        /// The Content-Transfer-Encoding, such as `base64`.
        package let encoder: String

        package init(type: String, content: [UInt8], encoder: String) {
            self.type = type
            self.content = content
            self.encoder = encoder
        }
    }

    let pointer: OpaquePointer

    /// - Returns: nil when libcurl has no memory left.
    init?(_ parts: [Part], for handle: UnsafeMutableRawPointer) {
        guard let mime = curl_mime_init(handle) else { return nil }
        for content in parts {
            let part = curl_mime_addpart(mime)
            let codes = [
                curl_mime_type(part, content.type),
                curl_mime_encoder(part, content.encoder),
                content.content.withUnsafeBytes { bytes in
                    curl_mime_data(part, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
                },
            ]
            guard codes.allSatisfy({ $0 == CURLE_OK }) else {
                curl_mime_free(mime)
                return nil
            }
        }
        pointer = mime
    }

    deinit { curl_mime_free(pointer) }
}
