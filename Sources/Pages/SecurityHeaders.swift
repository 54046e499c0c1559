package import HTTPServer

/// What every page tells the browser not to do.
package enum SecurityHeaders {
    /// No script at all, nothing from elsewhere, no frame around it, forms to ourselves only.
    private static let policy = """
        default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; \
        frame-ancestors 'none'; base-uri 'none'
        """

    package static func add(to response: inout Response, isSecure: Bool) {
        response.set("Content-Security-Policy", policy)
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
