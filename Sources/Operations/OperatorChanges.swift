import Domain
import HTTPServer

/// What operators change, from a page or through the API: both go this way, so that each change is guarded, audited in its
/// own transaction and logged alike.
extension Operations {
    /// Whom a change came by. There are no names of operators here: the token is one for all. The address tells them apart.
    enum ChangeSource: String { case web, api }

    /// How much may be said of the reason for a change.
    static let longestReason = 500

    /// Changes a job's state if it is still one that the change starts from.
    func apply(
        _ change: JobChange, to id: Int64, why: String, by source: ChangeSource, _ request: Request
    ) throws -> JobAdministration.Result {
        let (now, actor, why) = (clock.now(), actor(source, request), try Self.reason(why))
        let result = try store.write { try JobAdministration.change(id, change, in: $0, at: now, by: actor, why: why) }
        if case .done(let state) = result {
            logger.log(
                .info, "job.changed",
                [
                    "job": "\(id)", "change": change.rawValue, "from": state.rawValue, "address": request.peerAddress,
                ])
        }
        return result
    }

    /// - Returns: false when the lane was so already.
    func apply(
        _ change: KindPauseChange, lane: String, why: String, by source: ChangeSource, _ request: Request
    ) throws -> Bool {
        let (now, actor, why) = (clock.now(), actor(source, request), try Self.reason(why))
        if change == .pause {
            let known = [PausedKind.everything] + JobKind.allCases.map(\.rawValue)
            guard known.contains(lane) else {
                throw APIError(422, "A lane is one of \(known.joined(separator: ", ")).")
            }
            guard !why.isEmpty else { throw APIError(422, "why must say why, for whoever finds the lane paused.") }
        }
        let isChanged = try store.write { transaction in
            switch change {
            case .pause: try JobAdministration.pause(lane: lane, in: transaction, at: now, by: actor, why: why)
            case .resume: try JobAdministration.resume(lane: lane, in: transaction, at: now, by: actor, why: why)
            }
        }
        if isChanged {
            logger.log(
                .info, "lane.changed", ["lane": lane, "change": change.rawValue, "address": request.peerAddress])
        }
        return isChanged
    }

    /// Whether a form carries a token of ours for what it asks.
    func hasFormToken(_ form: Fields, for purpose: String, subject: String) throws -> Bool {
        forms.accepts(try form.optional("csrf") ?? "", for: purpose, subject: subject, at: clock.now())
    }

    private func actor(_ source: ChangeSource, _ request: Request) -> Operator {
        Operator(name: "operator:\(source.rawValue)", address: request.peerAddress)
    }

    private static func reason(_ why: String) throws -> String {
        let words = why.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard words.unicodeScalars.count <= longestReason else {
            throw APIError(422, "why may have \(longestReason) characters at most.")
        }
        return words
    }
}

/// What operators do to a lane.
enum KindPauseChange: String, Sendable, CaseIterable {
    case pause, resume
}
