import CMicroHTTPD

/// Reads the head of a request out of libmicrohttpd and refuses what the library is too kind to: version 0.9.75 takes
/// bare line feeds, cuts text at a NUL, adds folded lines to the header's *name*, and picks the first Content-Length.
struct RequestReader {
    let maxHeadBytes: Int
    let maxTargetBytes: Int
    let maxBodyBytes: Int
    let trusted: TrustedProxies

    /// A header line as it is in the library's buffer.
    private struct Line {
        let name: UnsafeBufferPointer<UInt8>
        let value: UnsafeBufferPointer<UInt8>
    }

    /// Reads the head, which must be complete, with method, URL and version as the library hands them to its handler.
    /// `target` is what was at `url` before the library cut it at the query.
    func read(
        _ handle: OpaquePointer, method: UnsafePointer<CChar>, url: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>, target: [UInt8], peer: IPAddress?
    ) throws(RequestError) -> Request {
        let lines = Self.lines(of: handle)
        let headSize = pulih_head_size(handle)
        let methodName = String(cString: method)
        guard headSize <= maxHeadBytes else { throw .headTooLarge }
        guard target.count <= maxTargetBytes else { throw .targetTooLong }
        guard Self.isStrictFraming(lines, headSize, method, methodName.utf8.count, url, target.count, version)
        else { throw .looseHead }

        var headers = Headers()
        headers.reserveCapacity(bytes: headSize, lines: lines.count)
        for line in lines { try Self.append(line, to: &headers) }
        try headers.checkHost(isOptional: version[7] == CChar(bitPattern: UInt8(ascii: "0")))
        guard try headers.bodyLength() <= maxBodyBytes else { throw .bodyTooLarge }
        return try Request(
            method: Method(methodName), target: target, headers: headers,
            client: trusted.client(peer: peer, forwardedFor: headers.values("x-forwarded-for")))
    }

    private static func lines(of handle: OpaquePointer) -> [Line] {
        var lines: [Line] = []
        lines.reserveCapacity(16)
        withUnsafeMutablePointer(to: &lines) { lines in
            _ = MHD_get_connection_values_n(
                handle, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    let line = Line(name: bytes(name, nameSize), value: bytes(value, valueSize))
                    context?.assumingMemoryBound(to: [Line].self).pointee.append(line)
                    return .YES
                }, lines)
        }
        return lines
    }

    /// Whether method, target, version and headers fill the head without a gap. The library parses in place, so each
    /// line must begin two bytes, a CRLF, behind the end of the one before. A bare LF makes it one byte; a NUL, a folded
    /// line or a second space makes it more, or another place altogether. Only addresses are compared, nothing is read.
    private static func isStrictFraming(
        _ lines: [Line], _ headSize: Int, _ method: UnsafePointer<CChar>, _ methodSize: Int,
        _ url: UnsafePointer<CChar>, _ targetSize: Int, _ version: UnsafePointer<CChar>
    ) -> Bool {
        let lineEnd = "\r\n".utf8.count
        guard method + methodSize + 1 == url, url + targetSize + 1 == version else { return false }
        var next = UInt(bitPattern: version) + UInt("HTTP/1.1".utf8.count + lineEnd)
        for line in lines {
            guard UInt(bitPattern: line.name.baseAddress) == next,
                UInt(bitPattern: line.value.baseAddress) > next + UInt(line.name.count)
            else { return false }
            next = UInt(bitPattern: line.value.baseAddress) + UInt(line.value.count + lineEnd)
        }
        return next + UInt(lineEnd) == UInt(bitPattern: method) + UInt(headSize)
    }

    private static func append(_ line: Line, to headers: inout Headers) throws(RequestError) {
        let value = UnsafeBufferPointer(rebasing: line.value[...].trimmed)
        guard !line.name.isEmpty, line.name.areAll(.token),
            // Nearly all values are ASCII, and one look tells that nothing is wrong with them.
            value.areAll(.asciiHeaderText)
                || value.areAll(.headerText) && String(validating: value, as: UTF8.self) != nil
        else { throw .malformedHeader }
        headers.append(line.name, value)
    }
}

private func bytes(_ start: UnsafePointer<CChar>?, _ size: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafeRawPointer(start)?.assumingMemoryBound(to: UInt8.self), count: size)
}

extension Headers {
    /// One Host of a name or address with an optional port (RFC 9112 section 3.2).
    func checkHost(isOptional: Bool) throws(RequestError) {
        var (count, isSound) = (0, true)
        eachValue("host") { host in
            count += 1
            isSound = !host.isEmpty && host.areAll(.host)
        }
        switch count {
        case 0: guard isOptional else { throw .missingHost }
        case 1: guard isSound else { throw .malformedHost }
        default: throw .repeatedHost
        }
    }

    /// The stated length of the body, 0 without one (RFC 9112 section 6.3).
    func bodyLength() throws(RequestError) -> Int {
        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        guard lengths.count + (codings.isEmpty ? 0 : 1) <= 1 else { throw .ambiguousLength }
        if let coding = codings.first {
            throw codings.count == 1 && sameIgnoringCase(coding, "chunked") ? .lengthRequired : .unknownTransferCoding
        }
        guard let length = lengths.first else { return 0 }
        guard length.utf8.allSatisfy(\.isDigit), !length.isEmpty else { throw .ambiguousLength }
        return Int(length) ?? .max
    }
}
