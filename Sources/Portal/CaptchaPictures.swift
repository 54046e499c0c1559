import Domain
import HTTPServer
import Pages
import Pictures

extension Portal {
    /// `/captcha/<id>.png`: the picture of a challenge, computed from its id. Nothing is stored, however often it is
    /// fetched.
    func showCaptcha(_ file: String, _ request: Request) -> Response {
        let suffix = ".png"
        guard file.hasSuffix(suffix), let challenge = desks.captchas.challenge(id: String(file.dropLast(suffix.count))),
            clock.now() < challenge.expiresAt
        else { return pages.draw(.notFound, for: request) }
        do {
            var response = Response.bytes(
                try Captcha.png(code: challenge.code, seed: challenge.seed), type: "image/png")
            response.set("Cache-Control", "private, max-age=900")
            response.set("X-Content-Type-Options", "nosniff")
            return response
        } catch {
            journal.note(.error, "captcha.failed", ["detail": "\(error)"])
            return pages.draw(.internal, for: request)
        }
    }
}
