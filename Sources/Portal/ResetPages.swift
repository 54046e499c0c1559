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
    func submitResetForm(_ request: Request) throws -> Response {
        let now = clock.now()
        let form = try ResetForm(try request.form())
        if form.wantsNewPicture { return resetForm(form, request) }
        guard forms.accepts(form.csrf, for: Self.purpose, subject: "", at: now) else {
            return resetForm(form, request, mistakes: [.form: "errors.form_expired.text"], status: 403)
        }
        let mistakes = form.mistakes(types: settings.userTypes, captchas: services.captchas, at: now)
        guard mistakes.isEmpty else {
            return resetForm(form, request, mistakes: mistakes, status: 422)
        }
        let acceptance: Acceptance
        do {
            acceptance = try accept(form, from: request, at: now)
        } catch let error as StoreError {
            // What was typed is not lost when the disk is full.
            logger.log(error)
            return resetForm(form, request, mistakes: [.form: "errors.unavailable.text"], status: 503)
        }
        switch acceptance {
        case .tooMany:
            logger.log(.warning, "reset.limited", ["address": request.peerAddress])
            var response = resetForm(form, request, mistakes: [.form: "errors.too_many.text"], status: 429)
            response.set("Retry-After", "3600")
            return response
        case .accepted(let job, let requestID):
            logger.log(
                .info, "reset.accepted", ["request": requestID, "job": "\(job)", "address": request.peerAddress])
            var response = Response.redirect(to: "/reset/sent")
            response.set(Cookie(CookieName.request, requestID, maxAge: Self.numberSeconds))
            return response
        }
    }

    /// How long the page after a request shows its number.
    private static let numberSeconds = 3600

    /// The page is the same for every request but for its number, which every request has.
    func showSent(_ request: Request) -> Response {
        let numbers = request.cookies.values(CookieName.request)
        let number = numbers.count == 1 ? numbers.first.flatMap(RequestNumber.init) : nil
        return pages.draw(.sent, title: "sent.title", for: pages.viewer(request), settings.sentContext(number))
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
        let (key, limit) = (request.addressKey, settings.perAddressPerHour)
        return try store.write { transaction in
            guard try transaction.rateLimitHits(from: key, since: now - .hours(1)) < limit else { return .tooMany }
            try transaction.recordRateLimitHit(from: key, at: now)
            return .accepted(job: try transaction.enqueue(job), requestID: requestID)
        }
    }

    /// - Parameter mistakes: what is wrong with each field, as keys of words.
    private func resetForm(
        _ form: ResetForm, _ request: Request, mistakes: [FieldName: String] = [:], status: Int = 200
    ) -> Response {
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let now = clock.now()
        let values = settings.resetContext(
            form, language: viewer.language, csrf: forms.token(for: Self.purpose, subject: "", at: now),
            captcha: picture(for: form, mistakes[.securityCode], at: now), hasVoice: speech != nil, words: words,
            errors: mistakes.mapValues { words[$0] })
        return pages.draw(.reset, title: "reset.title", for: viewer, values, status: status)
    }

    /// The picture that the form shows: a new one, unless what was typed was no answer to the last one.
    private func picture(for form: ResetForm, _ mistake: String?, at now: Instant) -> String {
        let isUnanswered = ["code_missing", "code_malformed"].contains { mistake == "fields.\($0)" }
        if isUnanswered, let challenge = services.captchas.challenge(id: form.captcha), now < challenge.expiresAt {
            return challenge.id
        }
        return services.captchas.challenge(at: now, random: random).id
    }
}
