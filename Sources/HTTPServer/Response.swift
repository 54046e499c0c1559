/// One answer. A header or cookie that must not be sent makes the whole answer faulty: the server then sends 500 in its
/// place, so that no value, wherever it came from, can split a response.
package struct Response: Sendable {
    /// 200 to 599.
    package var status: Int { didSet { prepared = nil } }
    /// What the handler set; the server adds Date, Connection and Content-Length.
    package private(set) var headers = Headers() { didSet { prepared = nil } }
    /// Sent with every method but HEAD.
    package var body: [UInt8] { didSet { prepared = nil } }
    /// Made ahead for an answer that goes out many times; nil when it is to be made for each.
    private(set) var prepared: PreparedResponse?
    private var badHeader: String?

    /// An answer without headers; one with a body should say its type, as the constructors below do.
    package init(status: Int, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// Does ahead what else is done each time that the answer goes out. Whatever is changed afterwards undoes it.
    package mutating func prepare() { prepared = error == nil ? PreparedResponse(self, isLast: false) : nil }

    /// What must not be sent, if anything: the name of the first such header, or "status" for one outside 200 to 599.
    package var error: String? { badHeader ?? ((200..<600).contains(status) ? nil : "status") }

    /// A body of this media type.
    package static func bytes(_ body: [UInt8], type: String, status: Int = 200) -> Response {
        var response = Response(status: status, body: body)
        response.set("Content-Type", type)
        return response
    }

    /// A page in UTF-8.
    package static func html(_ text: String, status: Int = 200) -> Response {
        .bytes(Array(text.utf8), type: "text/html; charset=utf-8", status: status)
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> Response {
        .bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    /// JSON that is ready to send.
    package static func json(_ text: String, status: Int = 200) -> Response {
        .bytes(Array(text.utf8), type: "application/json", status: status)
    }

    /// Sends the browser on; with 303 it asks with GET, whatever it sent before (RFC 9110 section 15.4.4).
    package static func redirect(to target: String, status: Int = 303) -> Response {
        var response = Response(status: status)
        response.set("Location", target)
        return response
    }

    /// Sets a header, in place of any under the same name.
    package mutating func set(_ name: String, _ value: String) {
        guard mayBeSent(name, value) else { return }
        headers.replace(name, value)
    }

    /// Adds a header beside any under the same name.
    package mutating func add(_ name: String, _ value: String) {
        guard mayBeSent(name, value) else { return }
        headers.append(name, value)
    }

    /// Sets those headers of another answer that this one does not set itself.
    package mutating func setMissing(_ headers: Headers) {
        self.headers.appendMissing(from: headers)
    }

    /// Adds a cookie beside any others.
    package mutating func set(_ cookie: Cookie) {
        guard let value = cookie.header else { return badHeader = badHeader ?? "Set-Cookie" }
        add("Set-Cookie", value)
    }

    /// Those that say where the message ends belong to the server.
    private static let reserved = ["Connection", "Content-Length", "Date", "Transfer-Encoding"]

    private mutating func mayBeSent(_ name: String, _ value: String) -> Bool {
        let isSound =
            !name.isEmpty && name.utf8.areAll(.token) && !value.isEmpty && value.utf8.areAll(.headerText)
            && !Self.reserved.contains { sameIgnoringCase($0, name) }
        if !isSound, badHeader == nil { badHeader = name }
        return isSound
    }
}
