import Cryptography
import Domain
import HTTPServer
import Mustache
import Pages

/// Asking for a reset: the form, and the page after it.
extension Portal {
    private static let purpose = "reset"

    /// The User ID may come along from the login page.
    func showResetForm(_ request: Request) -> Response {
        var form = ResetForm()
        form.userID = request.query.values("user_id").first.flatMap(UserID.init)?.text ?? ""
        return resetForm(form, request)
    }

    /// Nothing here depends on whether the account exists: the worker finds that out, and nobody sees it from outside.
    func receiveResetForm(_ request: Request) throws -> Response {
        let now = clock.now()
        let form = try ResetForm(try request.form())
        if form.wantsNewPicture { return resetForm(form, request) }
        guard forms.accepts(form.csrf, for: Self.purpose, subject: "", at: now) else {
            return resetForm(form, request, mistakes: [.form: "errors.form_expired.text"], status: 403)
        }
        let mistakes = form.mistakes(types: rules.userTypes, captchas: desks.captchas, at: now)
        guard mistakes.isEmpty else {
            return resetForm(form, request, mistakes: mistakes.mapValues { "fields.\($0)" }, status: 422)
        }
        let acceptance: Acceptance
        do {
            acceptance = try accept(form, from: request, at: now)
        } catch let fault as StorageFault {
            // What was typed is not lost when the disk is full.
            journal.note(.error, "storage.failed", ["reason": fault.sentence, "detail": fault.detail])
            return resetForm(form, request, mistakes: [.form: "errors.unavailable.text"], status: 503)
        }
        switch acceptance {
        case .tooMany:
            journal.note(.warning, "reset.limited", ["address": request.peerAddress])
            var response = resetForm(form, request, mistakes: [.form: "errors.too_many.text"], status: 429)
            response.set("Retry-After", "3600")
            return response
        case .accepted(let job, let requestID):
            journal.note(
                .info, "reset.accepted", ["request": requestID, "job": "\(job)", "address": request.peerAddress])
            return .redirect(to: "/reset/sent")
        }
    }

    func showSent(_ request: Request) -> Response {
        pages.draw(.sent, title: "sent.title", for: pages.visitor(request), rules.sentContext)
    }

    private enum Acceptance: Sendable {
        case accepted(job: Int64, requestID: String)
        case tooMany
    }

    /// Commits the request to the queue; when this returns it is on the disk.
    private func accept(_ form: ResetForm, from request: Request, at now: Instant) throws -> Acceptance {
        let requestID = random.requestID()
        let payload = ResetPayload(
            userID: form.userID, email: form.email, userType: form.userType, captcha: form.captcha,
            securityCode: form.securityCode, address: request.peerAddress, requestID: requestID)
        let job = try NewJob(.resetRequest, payload: payload, at: now, requestID: requestID)
        let (key, limit) = (request.addressKey, rules.perAddressPerHour)
        return try storage.write { store in
            guard try store.arrivals(from: key, since: now - .hours(1)) < limit else { return .tooMany }
            try store.recordArrival(from: key, at: now)
            return .accepted(job: try store.enqueue(job), requestID: requestID)
        }
    }

    /// - Parameter mistakes: what is wrong with each field, as keys of words.
    private func resetForm(
        _ form: ResetForm, _ request: Request, mistakes: [ResetForm.Name: String] = [:], status: Int = 200
    ) -> Response {
        let visitor = pages.visitor(request)
        let words = pages.words(for: visitor)
        let now = clock.now()
        let context = rules.resetContext(
            form, language: visitor.language, csrf: forms.token(for: Self.purpose, subject: "", at: now),
            captcha: desks.captchas.challenge(at: now, random: random).id, hasVoice: voice != nil,
            mistakes: mistakes.mapValues { words[$0] })
        return pages.draw(.reset, title: "reset.title", for: visitor, context, status: status)
    }
}
