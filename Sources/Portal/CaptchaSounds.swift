import Domain
import HTTPServer
import Pages

extension Portal {
    /// `/captcha/<id>.wav`: the code of a challenge read aloud in the visitor's language. Nothing is stored, however
    /// often it is fetched. Not found where no voice is installed.
    func speakCaptcha(_ id: String, _ request: Request) -> Response {
        guard let speech, let challenge = unexpiredChallenge(id) else { return pages.draw(.notFound, for: request) }
        do {
            let sound = try speech.speak(challenge.code, language: pages.viewer(request).language)
            return .captcha(sound, type: "audio/wav")
        } catch {
            let detail = (error as? SpeechError)?.detail ?? "\(error)"
            logger.log(.warning, "captcha.unspoken", ["detail": detail, "address": request.peerAddress])
            var response = pages.draw(.unavailable, for: request)
            response.set("Retry-After", "2")
            return response
        }
    }
}
