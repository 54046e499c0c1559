/// The variable pieces of a path, decoded.
package struct Parameters: Sendable {
    fileprivate var values: [(name: String, value: String)] = []

    /// The piece where the pattern says `{name}`; empty when the pattern says no such thing.
    package subscript(name: String) -> String {
        values.first { sameBytes($0.name, name) }?.value ?? ""
    }
}

/// The page for a status other than the handler's own answer; the request is nil when it was too broken to read.
package typealias ErrorResponder = @Sendable (_ status: Int, _ request: Request?) -> Response

/// Finds the handler for a method and path. Paths match as they are: nothing is added, cut or resolved, so `/reset/`
/// and `/x/../reset` are not `/reset`.
package struct Router: Sendable {
    /// Runs on any of the server's threads, in parallel.
    package typealias Handler = @Sendable (Request, Parameters) -> Response

    private struct Route {
        let pieces: [PatternSegment]
        var isFinished = true
        var postTakesLong = false
        var get: Handler?
        var post: Handler?
        var put: Handler?
        var delete: Handler?

        func handler(_ method: Method) -> Handler? {
            switch method {
            case .get, .head: get
            case .post: post
            case .put: put
            case .delete: delete
            case .other: nil
            }
        }

        var allowed: [String] {
            let methods: [(Handler?, [String])] = [
                (get, ["GET", "HEAD"]), (post, ["POST"]), (put, ["PUT"]), (delete, ["DELETE"]),
            ]
            return methods.flatMap { $0 == nil ? [] : $1 }
        }
    }

    private enum PatternSegment: Equatable {
        case literal(String)
        case parameter(String)

        var isParameter: Bool { if case .parameter = self { true } else { false } }
    }

    private var routes: [Route] = []
    /// The routes without parameters, by path: most requests are for one of these, as it is written.
    private var literal: [String: Int] = [:]
    private let errorPage: ErrorResponder
    private let finish: @Sendable (inout Response) -> Void

    /// Knows no route yet; `errorPage` draws 404 and 405, and every answer passes `finish` on its way out.
    package init(errorPage: @escaping ErrorResponder, finish: @escaping @Sendable (inout Response) -> Void = { _ in }) {
        self.errorPage = errorPage
        self.finish = finish
    }

    /// Answers GET, and HEAD with the same headers, on paths like `/reset/{token}`. A parameter takes one whole piece.
    /// - Parameter isFinished: false for answers that leave as the handler made them.
    package mutating func get(_ pattern: String, isFinished: Bool = true, _ handler: @escaping Handler) {
        change(pattern) { route in
            route.get = handler
            route.isFinished = isFinished
        }
    }

    /// Answers POST on such paths.
    /// - Parameter takesLong: true for what may wait for a long computation; only of a path without parameters.
    package mutating func post(_ pattern: String, takesLong: Bool = false, _ handler: @escaping Handler) {
        change(pattern) { route in
            route.post = handler
            route.postTakesLong = takesLong
        }
    }

    /// Answers PUT on such paths.
    package mutating func put(_ pattern: String, _ handler: @escaping Handler) {
        change(pattern) { $0.put = handler }
    }

    /// Answers DELETE on such paths.
    package mutating func delete(_ pattern: String, _ handler: @escaping Handler) {
        change(pattern) { $0.delete = handler }
    }

    /// Answers with the route whose path is the very one asked for, or else the first that fits, in the order in which they were added.
    package func answer(_ request: Request) -> Response {
        var (response, isFinished) = find(request)
        if isFinished { finish(&response) }
        return response
    }

    /// Whether the answer may wait for a long computation.
    package func takesLong(_ request: Request) -> Bool {
        request.method == .post && literal[request.path].map { routes[$0].postTakesLong } ?? false
    }

    private func find(_ request: Request) -> (Response, isFinished: Bool) {
        if let position = literal[request.path], let handler = routes[position].handler(request.method) {
            return (handler(request, Parameters()), routes[position].isFinished)
        }
        var allowed: [String] = []
        let segments = request.segments
        for route in routes {
            guard let parameters = Self.match(route.pieces, segments) else { continue }
            if let handler = route.handler(request.method) {
                return (handler(request, parameters), route.isFinished)
            }
            for method in route.allowed where !allowed.contains(method) { allowed.append(method) }
        }
        guard !allowed.isEmpty else { return (errorPage(404, request), true) }
        var refusal = errorPage(405, request)
        refusal.set("Allow", allowed.joined(separator: ", "))
        return (refusal, true)
    }

    private mutating func change(_ pattern: String, _ change: (inout Route) -> Void) {
        let pieces = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { piece in
            piece.hasPrefix("{")
                ? PatternSegment.parameter(String(piece.dropFirst().dropLast())) : .literal(String(piece))
        }
        if let known = routes.firstIndex(where: { $0.pieces == pieces }) {
            change(&routes[known])
        } else {
            var route = Route(pieces: pieces)
            change(&route)
            if !pieces.contains(where: \.isParameter) { literal[pattern] = routes.count }
            routes.append(route)
        }
    }

    private static func match(_ pieces: [PatternSegment], _ segments: [String]) -> Parameters? {
        guard pieces.count == segments.count else { return nil }
        var parameters = Parameters()
        for (piece, segment) in zip(pieces, segments) {
            switch piece {
            case .literal(let text):
                guard sameBytes(text, segment) else { return nil }
            case .parameter(let name):
                guard isPlain(segment) else { return nil }
                parameters.values.append((name, segment))
            }
        }
        return parameters
    }

    /// Nothing that a handler could take for a way to another place.
    private static func isPlain(_ segment: String) -> Bool {
        !segment.isEmpty && segment != "." && segment != ".." && !segment.utf8.contains(UInt8(ascii: "/"))
    }
}
