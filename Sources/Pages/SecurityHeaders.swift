import FoundationEssentials
package import HTTPServer

/// What every page tells the browser not to do.
package enum SecurityHeaders {
    /// Nothing from elsewhere, nothing in the page itself, no frame around it, forms to ourselves only.
    private static func policy(style: String, isLive: Bool, formTargets: [String]) -> String {
        """
        default-src 'none'; style-src \(style); script-src 'self'; img-src 'self'; media-src 'self'; \
        \(isLive ? "connect-src 'self'; " : "")form-action \((["'self'"] + formTargets).joined(separator: " ")); frame-src 'self'; frame-ancestors 'none'; base-uri 'none'
        """
    }

    /// Adds what the response does not say itself yet; see `all`.
    package static func add(
        to response: inout Response, isSecure: Bool, inlineStyle: [UInt8]? = nil, isLive: Bool = false,
        formTargets: [String] = []
    ) {
        response.setMissing(
            all(isSecure: isSecure, inlineStyle: inlineStyle, isLive: isLive, formTargets: formTargets))
    }

    /// - Parameters:
    ///   - inlineStyle: SHA-256 of the one stylesheet in the page itself; nil when none does.
    ///   - isLive: whether a script asks for the page again.
    ///   - formTargets: origins that a form of the page may lead to besides our own.
    static func all(
        isSecure: Bool, inlineStyle: [UInt8]? = nil, isLive: Bool = false, formTargets: [String] = []
    ) -> Headers {
        let style = inlineStyle.map { "'sha256-\(Data($0).base64EncodedString())'" } ?? "'self'"
        var response = Response(status: 200)
        let headers = [
            ("Content-Security-Policy", policy(style: style, isLive: isLive, formTargets: formTargets)),
            ("X-Content-Type-Options", "nosniff"),
            // The address of a reset link must not travel in a Referer.
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"),
            ("Cache-Control", "no-store"),
        ]
        for (name, value) in headers { response.set(name, value) }
        if isSecure { response.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains") }
        return response.headers
    }
}
