import Domain
import HTTPServer
import Pages

extension Portal {
    /// `/captcha/<id>.wav`: the code of a challenge read aloud in the visitor's language. Nothing is stored, however
    /// often it is fetched. Not found where no voice is installed.
    func speakCaptcha(_ id: String, _ request: Request) -> Response {
        guard let voice, let challenge = liveChallenge(id) else { return pages.draw(.notFound, for: request) }
        do {
            let sound = try voice.speak(challenge.code, language: pages.visitor(request).language)
            return .captcha(sound, type: "audio/wav")
        } catch {
            let detail = (error as? VoiceFault)?.detail ?? "\(error)"
            journal.note(.warning, "captcha.unspoken", ["detail": detail, "address": request.peerAddress])
            var response = pages.draw(.unavailable, for: request)
            response.set("Retry-After", "2")
            return response
        }
    }
}
