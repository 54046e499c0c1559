import FoundationEssentials
package import HTTPServer

/// What every page tells the browser not to do.
package enum SecurityHeaders {
    /// Nothing from elsewhere, nothing that stands in the page itself, no frame around it, forms to ourselves only.
    private static func policy(style: String, isLive: Bool) -> String {
        """
        default-src 'none'; style-src \(style); script-src 'self'; img-src 'self'; media-src 'self'; \
        \(isLive ? "connect-src 'self'; " : "")form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'
        """
    }

    /// - Parameters:
    ///   - inlineStyle: SHA-256 of the one stylesheet that stands in the page itself; nil when none does.
    ///   - isLive: whether a script asks for the page again.
    package static func add(
        to response: inout Response, isSecure: Bool, inlineStyle: [UInt8]? = nil, isLive: Bool = false
    ) {
        let style = inlineStyle.map { "'sha256-\(Data($0).base64EncodedString())'" } ?? "'self'"
        response.set("Content-Security-Policy", policy(style: style, isLive: isLive))
        response.set("X-Content-Type-Options", "nosniff")
        // The address of a reset link must not travel in a Referer.
        response.set("Referrer-Policy", "no-referrer")
        response.set("Cross-Origin-Opener-Policy", "same-origin")
        response.set("Cross-Origin-Resource-Policy", "same-origin")
        response.set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.set("Cache-Control", "no-store")
        if isSecure { response.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains") }
    }
}
