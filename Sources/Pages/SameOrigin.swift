package import HTTPServer

/// Whether a request that changes something was sent by a page of ours, as far as the browser tells.
package enum SameOrigin {
    /// `Sec-Fetch-Site` decides where it is sent; older browsers send Origin, which must name the host that was asked.
    /// Under our own no-referrer policy browsers write `Origin: null`, so that says nothing; what neither header
    /// settles is left to the form token.
    package static func accepts(_ request: Request) -> Bool {
        if let site = request.headers["sec-fetch-site"] { return site == "same-origin" || site == "none" }
        guard let origin = request.headers["origin"], origin != "null" else { return true }
        let host = request.headers["host"] ?? ""
        return origin == "https://\(host)" || origin == "http://\(host)"
    }
}
