/// An application's request to log somebody out (OpenID Connect RP-Initiated Logout 1.0, section 2).
package struct LogoutRequest: Sendable, Equatable {
    package static let path = "/oauth2/logout"
    package static let names = [
        "id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales", "logout_hint",
    ]

    /// Which asks, as far as that is known.
    package let application: Application?
    /// The login that the hint tells of.
    package let session: String?
    /// Where the browser goes afterwards; nil to a page of ours.
    package let target: String?

    package enum Mistake: String, Error {
        case repeated
        /// `id_token_hint` is no ID token of ours, or another client's.
        case foreignHint = "foreign-hint"
        case unknownClient = "unknown-client"
        /// `post_logout_redirect_uri` has another origin than the client's own addresses, or no client is named.
        case foreignRedirect = "foreign-redirect"
    }

    /// - Parameter read: an ID token that came back.
    package init(
        _ parameters: ProtocolParameters, among applications: [String: Application],
        reading read: (String) -> IDTokenHint?
    ) throws(Mistake) {
        guard parameters.repeated == nil else { throw .repeated }
        let hint: IDTokenHint?
        if let text = parameters["id_token_hint"] {
            guard let read = read(text), parameters["client_id"].map({ $0 == read.audience }) ?? true else {
                throw .foreignHint
            }
            hint = read
        } else {
            hint = nil
        }
        session = hint?.session
        if let id = hint?.audience ?? parameters["client_id"] {
            guard let known = applications[id], known.client != nil else { throw .unknownClient }
            application = known
        } else {
            application = nil
        }
        guard let uri = parameters["post_logout_redirect_uri"] else {
            target = nil
            return
        }
        guard let client = application?.client, Self.mayLead(to: uri, client) else { throw .foreignRedirect }
        target = RedirectURI.adding([("state", parameters["state"])], to: uri)
    }

    /// Whether an address has the origin of one that the client logs in at, and says nothing that browsers read in two ways.
    private static func mayLead(to uri: String, _ client: OpenIDClient) -> Bool {
        guard uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\\#\"<>".utf8.contains($0) }),
            let origin = WebOrigin.ofURI(uri)
        else { return false }
        return client.redirectURIs.contains { WebOrigin.ofURI($0) == origin }
    }
}
