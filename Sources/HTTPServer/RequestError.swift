/// Why a request is refused, with the status it is answered with.
package enum RequestError: Error, Sendable, Hashable {
    /// Line ends other than CRLF, folded lines, NUL or stray spaces in the head (RFC 9112 sections 2.2, 5.2).
    case looseHead
    /// A header name that is not a token, or a value with control characters or bytes that are not UTF-8.
    case malformedHeader
    /// Not exactly one usable Host (RFC 9112 section 3.2); HTTP/1.0 may go without.
    case missingHost, repeatedHost, malformedHost
    /// The end of the body could be read in two ways (RFC 9112 section 6.3): the way of request smuggling.
    case ambiguousLength
    /// A chunked body. Browsers send forms with a Content-Length, and proxies can be told to.
    case lengthRequired
    /// A transfer coding other than chunked.
    case unknownTransferCoding
    /// Not an absolute path with an optional query, in printable ASCII.
    case malformedTarget
    /// A percent sign without two hexadecimal digits, a NUL, or bytes that are not UTF-8.
    case malformedEncoding
    case targetTooLong, headTooLarge, bodyTooLarge
    /// A form in another encoding than application/x-www-form-urlencoded.
    case unsupportedForm
    case tooManyFields
    /// A name or value longer than the form allows.
    case fieldTooLong
    /// The field that had to be there once was not there.
    case missingField(String)
    /// The field that had to be there once was there more than once.
    case repeatedField(String)

    /// The HTTP status to answer with (RFC 9110 section 15.5).
    package var status: Int {
        switch self {
        case .looseHead, .malformedHeader, .missingHost, .repeatedHost, .malformedHost, .ambiguousLength,
            .malformedTarget, .malformedEncoding, .tooManyFields, .missingField, .repeatedField:
            400
        case .lengthRequired: 411
        case .bodyTooLarge, .fieldTooLong: 413
        case .targetTooLong: 414
        case .unsupportedForm: 415
        case .headTooLarge: 431
        case .unknownTransferCoding: 501
        }
    }

    /// Whether only the target was at fault, in a request that is sound otherwise.
    var isOfTarget: Bool {
        switch self {
        case .malformedTarget, .malformedEncoding, .tooManyFields, .fieldTooLong: true
        default: false
        }
    }

    /// What was wrong, in a sentence that holds nothing the client sent.
    package var sentence: String {
        switch self {
        case .looseHead: "The head of the request has line ends, spaces or bytes that HTTP/1.1 does not allow."
        case .malformedHeader: "A header has a name or value that HTTP/1.1 does not allow."
        case .missingHost: "The Host header is missing."
        case .repeatedHost: "There is more than one Host header."
        case .malformedHost: "The Host header is not a host name with an optional port."
        case .ambiguousLength: "The length of the body is stated in more than one way."
        case .lengthRequired: "The body must come with a Content-Length, not chunked."
        case .unknownTransferCoding: "The transfer coding of the body is not known here."
        case .malformedTarget: "The address is not a path with an optional query."
        case .malformedEncoding: "The address or the form holds bytes that are not percent-encoded UTF-8 text."
        case .targetTooLong: "The address is too long."
        case .headTooLarge: "The headers are too large."
        case .bodyTooLarge: "The body is too large."
        case .unsupportedForm: "The form must be sent as application/x-www-form-urlencoded."
        case .tooManyFields: "There are too many fields."
        case .fieldTooLong: "A field is too long."
        case .missingField(let name): "The field \(name) is missing."
        case .repeatedField(let name): "The field \(name) is there more than once."
        }
    }
}
