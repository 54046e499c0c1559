import Domain
import HTTPServer
import JSON

/// How far a reset request is.
enum ResetRequestState: String, Sendable, CaseIterable {
    /// Accepted: it is kept, and will be checked and mailed.
    case queued
    /// The link is with the mail server.
    case mailed
    /// The data do not match, or the account had too many links.
    case refused
    /// The mail could not be delivered in time.
    case failed
    /// The mail came back.
    case bounced
    /// The link was used: TOTP is reset.
    case used
    /// The owner said that it was not them.
    case cancelled
    /// A newer request took its place.
    case superseded
    /// The link ran out unused.
    case expired
}

/// `/v1/reset-requests`: links by mail, as the form asks for them.
extension ApplicationAPI {
    var resetRequestEndpoints: [Endpoint] {
        [
            Endpoint(
                .post, "/v1/reset-requests", "requestReset",
                "Ask for a reset link by mail; the data are checked by the worker, within the limits for each account",
                scopes: [.reset],
                fields: [
                    Field("user_id", .text(1...200), "The User ID as the person typed it."),
                    Field("email", .text(1...300), "The address as the person typed it; mail goes to the stored one."),
                    userTypeField("The user type that the person chose."),
                    .language("Of the mail; without it the user's own."),
                ] + Field.reported,
                answers: [.init(202, "The request is on the disk and will be checked.", "ResetRequest")],
                handler: .writing(requestReset)),
            Endpoint(
                .get, "/v1/reset-requests/{id}", "getResetRequest", "Ask how far a reset request of one's own is",
                scopes: [.reset], answers: [.init(200, "The request.", "ResetRequest")], problems: [.unknownRequest],
                handler: .reading(resetRequest)),
        ]
    }

    private func requestReset(_ call: Call, _ store: any Store) throws -> Response {
        let (values, id) = (call.values, random.requestID())
        let userType = values.text("user_type") ?? ""
        guard call.application.covers(userType) else {
            throw Problem([
                .init(field: "user_type", rule: "choice", detail: "is not among the user types of this application")
            ])
        }
        let payload = ResetPayload(
            userID: values.text("user_id") ?? "", email: values.text("email") ?? "", userType: userType, captcha: nil,
            securityCode: nil, address: call.place, requestID: id,
            language: values.text("language"))
        let job = try NewJob(
            .resetRequest, payload: payload, at: call.now, requestID: id, application: call.application.id)
        _ = try store.write { try $0.enqueue(job) }
        logger.log(.info, "api.reset-accepted", ["request": id, "application": call.application.id])
        var response = Response.tree(["id": .text(id), "state": .text(ResetRequestState.queued.rawValue)], status: 202)
        response.set("Location", "/v1/reset-requests/\(id)")
        return response
    }

    private func resetRequest(_ call: Call, _ transaction: any ReadTransaction) throws -> Response {
        let id = call.parameters["id"] ?? ""
        var filter = JobFilter(kind: JobKind.resetRequest.rawValue)
        filter.requestID = id
        guard
            let job = try transaction.jobs(filter, limit: 1).first, job.application == call.application.id
        else { throw Problem(.unknownRequest, "This application has made no reset request with this number.") }
        var (state, reason) = try Self.state(of: job, in: transaction, at: call.now)
        if call.application.userTypes != nil,
            reason == ResetRequestValidation.ResetRefusal.userTypeMismatch.rawValue
        {
            // Whoever has to do with one user type is told that others do not exist.
            reason = ResetRequestValidation.ResetRefusal.accountUnknown.rawValue
        }
        var tree: [String: JSONTree] = ["id": .text(job.requestID), "state": .text(state.rawValue)]
        if let reason { tree["reason"] = .text(reason) }
        return .tree(.object(tree))
    }

    private static func state(
        of job: Job, in transaction: any ResetReader, at now: Instant
    ) throws -> (ResetRequestState, reason: String?) {
        switch job.state {
        case .scheduled, .ready, .running, .held: return (.queued, nil)
        case .dead, .discarded: return (.failed, job.reason ?? job.state.rawValue)
        case .done: break
        }
        guard job.outcome == Settlement.Outcome.mailed.rawValue else {
            return (job.outcome == Settlement.Outcome.refused.rawValue ? .refused : .failed, job.reason)
        }
        // The link goes with its account.
        guard let link = try transaction.resetRequest(job: job.id) else { return (.expired, nil) }
        switch link.state {
        case .used: return (.used, nil)
        case .cancelled: return (.cancelled, nil)
        case .superseded: return (.superseded, nil)
        case .open where now >= link.expiresAt: return (.expired, nil)
        case .open where job.bouncedAt != nil: return (.bounced, "the mail came back")
        case .open: return (.mailed, nil)
        }
    }
}
