import Domain
import HTTPServer
import Pages
import Pictures

extension Portal {
    /// `/captcha/<id>.png` and `/captcha/<id>.wav`.
    func showCaptcha(_ file: String, _ request: Request) -> Response {
        let id = String(file.dropLast(4))
        if file.hasSuffix(".png") { return drawCaptcha(id, request) }
        if file.hasSuffix(".wav") { return speakCaptcha(id, request) }
        return pages.draw(.notFound, for: request)
    }

    /// A challenge of ours that may still be answered.
    func unexpiredChallenge(_ id: String) -> CaptchaChallenge? {
        services.captchas.challenge(id: id).flatMap { clock.now() < $0.expiresAt ? $0 : nil }
    }

    /// The picture of a challenge, computed from its id. Nothing is stored, however often it is fetched.
    private func drawCaptcha(_ id: String, _ request: Request) -> Response {
        guard let challenge = unexpiredChallenge(id) else { return pages.draw(.notFound, for: request) }
        do {
            return .captcha(try Captcha.png(code: challenge.code, seed: challenge.seed), type: "image/png")
        } catch {
            logger.log(.error, "captcha.failed", ["detail": "\(error)"])
            return pages.draw(.internal, for: request)
        }
    }
}

extension Response {
    /// The picture or sound of a challenge, which is the same for as long as the challenge lives.
    static func captcha(_ bytes: [UInt8], type: String) -> Response {
        var response = Response.bytes(bytes, type: type)
        response.set("Cache-Control", "private, max-age=900")
        return response
    }
}
