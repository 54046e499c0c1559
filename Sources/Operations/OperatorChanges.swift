import Domain
import HTTPServer

/// What operators change, from a page or through the API: both go this way, so that each change is guarded, audited in its
/// own transaction and logged alike.
extension Operations {
    /// Whom a change came by. There are no names of operators here: the token is one for all. The address tells them apart.
    enum Door: String { case web, api }

    /// How much may be said of the reason for a change.
    static let longestReason = 500

    /// Changes a job's state if it is still one that the change starts from.
    func apply(
        _ change: JobChange, to id: Int64, why: String, by door: Door, _ request: Request
    ) throws -> JobDesk.Result {
        let (now, actor, why) = (clock.now(), actor(door, request), try Self.reason(why))
        let result = try storage.write { try JobDesk.change(id, change, in: $0, at: now, by: actor, why: why) }
        if case .done(let state) = result {
            journal.note(
                .info, "job.changed",
                [
                    "job": "\(id)", "change": change.rawValue, "from": state.rawValue, "address": request.peerAddress,
                ])
        }
        return result
    }

    /// - Returns: false when the lane was so already.
    func apply(
        _ change: LaneChange, lane: String, why: String, by door: Door, _ request: Request
    ) throws -> Bool {
        let (now, actor, why) = (clock.now(), actor(door, request), try Self.reason(why))
        if change == .pause {
            let known = [LanePause.everything] + JobKind.allCases.map(\.rawValue)
            guard known.contains(lane) else {
                throw Refusal(422, "A lane is one of \(known.joined(separator: ", ")).")
            }
            guard !why.isEmpty else { throw Refusal(422, "why must say why, for whoever finds the lane paused.") }
        }
        let isChanged = try storage.write { store in
            switch change {
            case .pause: try JobDesk.pause(lane: lane, in: store, at: now, by: actor, why: why)
            case .resume: try JobDesk.resume(lane: lane, in: store, at: now, by: actor, why: why)
            }
        }
        if isChanged {
            journal.note(
                .info, "lane.changed", ["lane": lane, "change": change.rawValue, "address": request.peerAddress])
        }
        return isChanged
    }

    private func actor(_ door: Door, _ request: Request) -> Operator {
        Operator(name: "operator:\(door.rawValue)", address: request.peerAddress)
    }

    private static func reason(_ why: String) throws -> String {
        let words = why.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard words.unicodeScalars.count <= longestReason else {
            throw Refusal(422, "why may have \(longestReason) characters at most.")
        }
        return words
    }
}

/// What operators do to a lane.
enum LaneChange: String, Sendable, CaseIterable {
    case pause, resume
}
