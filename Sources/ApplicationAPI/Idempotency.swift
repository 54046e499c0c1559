import Cryptography
import Domain
import FoundationEssentials
import HTTPServer
import JSON

/// `Idempotency-Key`: a request that comes again, since its answer was lost, has no second effect and gets the first answer.
extension ApplicationAPI {
    /// How long an answer is given again.
    private static let memory = TimeSpan.hours(24)

    /// What of an answer is kept.
    private struct Kept: Codable {
        let status: Int
        let headers: [String: String]
        let body: String
    }

    /// What an answer says besides its body.
    private static let keptHeaders = ["Content-Type", "Location"]

    /// Effect and answer are one transaction, so that no crash can part them.
    func answerOnce(_ call: Call, _ endpoint: Endpoint, _ write: @escaping Endpoint.Writer) throws -> Response {
        guard endpoint.isRepeatable, let key = try Self.key(call.request) else {
            return try write(call, store)
        }
        let digest = Digest.sha256(
            Array("\(endpoint.method.rawValue) \(call.request.path)\n\(call.values.canonical)".utf8))
        let request = IdempotentRequest(application: call.application.id, key: key, digest: digest)
        let context = request.sealContext
        let (sealer, random) = (services.sealer, random)
        return try store.write { transaction in
            if let stored = try transaction.answer(to: request, since: call.now - Self.memory) {
                guard stored.digest == digest else {
                    throw Problem(
                        .idempotencyKeyReused,
                        "Another request was sent under this Idempotency-Key within 24 hours: use a new key for each.")
                }
                let answer = try Self.response(try sealer.open(stored.sealed, context: context))
                try endpoint.checkReplay(call, transaction, JSONTree.strict(answer.body))
                return answer
            }
            let response = try write(call, OpenTransaction(transaction))
            // What failed here may go well the next time.
            guard response.status < 500 else { return response }
            let headers = Self.keptHeaders.compactMap { name in response.headers[name].map { (name, $0) } }
            let kept = Kept(
                status: response.status, headers: Dictionary(headers) { $1 },
                body: String(decoding: response.body, as: UTF8.self))
            let sealed = try sealer.seal(Array(try JSONEncoder().encode(kept)), context: context, random: random)
            try transaction.keep(StoredAnswer(digest: digest, sealed: sealed), to: request, at: call.now)
            return response
        }
    }

    private static func response(_ bytes: [UInt8]) throws -> Response {
        let kept = try JSONDecoder().decode(Kept.self, from: Data(bytes))
        var response = Response(status: kept.status, body: Array(kept.body.utf8))
        for (name, value) in kept.headers { response.set(name, value) }
        response.set("Idempotency-Replayed", "true")
        return response
    }

    private static func key(_ request: Request) throws(Problem) -> String? {
        let keys = request.headers.values("idempotency-key")
        guard let key = keys.first else { return nil }
        guard keys.count == 1, (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem(.badRequest, "Idempotency-Key must come once, as 1 to 255 visible ASCII characters.")
        }
        return key
    }
}

/// A transaction that is open, for what asks for a store: all that it writes is part of that transaction.
///
/// The store runs the body of a transaction on one thread and returns before it ends, so the transaction is never touched
/// by two at once.
private final class OpenTransaction: Store, @unchecked Sendable {
    private let transaction: any WriteTransaction

    init(_ transaction: any WriteTransaction) { self.transaction = transaction }

    var metrics: StoreMetrics { StoreMetrics(commits: Histogram(), bytes: [:]) }

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try body(transaction)
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
    ) throws -> Result { try body(transaction) }
}
