import Cryptography
import Domain
import HTTPServer
import Mustache
import Pages
import Support
import Testing

@testable import Portal

/// `/captcha/ID.wav`, with a voice that the test holds.
@Suite("The security code read aloud")
struct CaptchaSoundTests {
    private func challenge(_ fixture: PortalFixture) -> CaptchaChallenge {
        PortalFixture.captchas.challenge(at: fixture.temporary.clock.now(), random: SeededRandom())
    }

    @Test("The code of the challenge is spoken, and may be kept as long as the challenge lives")
    func spoken() throws {
        let fixture = try PortalFixture(speech: Parrot())
        let challenge = challenge(fixture)
        let response = try fixture.send(.get, "/captcha/\(challenge.id).wav")
        #expect(response.status == 200)
        #expect(response.text == "RIFF \(challenge.code) id")
        #expect(response.headers["Content-Type"] == "audio/wav")
        #expect(response.headers["Cache-Control"] == "private, max-age=900")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(try fixture.send(.get, "/captcha/\(challenge.id).png").headers["Content-Type"] == "image/png")
    }

    @Test("It is spoken in the visitor's language")
    func language() throws {
        let fixture = try PortalFixture(speech: Parrot())
        let path = "/captcha/\(challenge(fixture).id).wav"
        for (target, headers) in [
            ("\(path)?lang=en", [:]), (path, ["Cookie": "pulih-language=en"]), (path, ["Accept-Language": "en"]),
        ] as [(String, [String: String])] {
            #expect(try fixture.send(.get, target, headers).text.hasSuffix(" en"))
        }
    }

    @Test("Nothing is spoken for an id that is expired, forged, or none")
    func notFound() throws {
        let fixture = try PortalFixture(speech: Parrot())
        let challenge = challenge(fixture)
        let forged = String(challenge.id.dropLast()) + (challenge.id.hasSuffix("A") ? "B" : "A")
        for file in ["\(forged).wav", ".wav", "wav", "x.wav", "\(challenge.id).mp3", "\(challenge.id)", "é.wav"] {
            let path = file.replacing("é", with: "%C3%A9")
            #expect(try fixture.send(.get, "/captcha/\(path)").status == 404, "\(file)")
        }
        fixture.temporary.clock.advance(CaptchaService.lifetime)
        #expect(try fixture.send(.get, "/captcha/\(challenge.id).wav").status == 404)
        #expect(try fixture.send(.get, "/captcha/\(challenge.id).png").status == 404)
    }

    @Test(
        "A voice that is busy or fails is a 503 that nobody keeps",
        arguments: [SpeechError.busy, .failed(detail: "espeak-ng is broken")])
    func failure(error: SpeechError) throws {
        let fixture = try PortalFixture(speech: Parrot(error: error))
        let response = try fixture.send(.get, "/captcha/\(challenge(fixture).id).wav")
        #expect(response.status == 503)
        #expect(response.headers["Cache-Control"] == "no-store")
        #expect(response.headers["Retry-After"] == "2")
        #expect(!response.text.contains("broken"))
    }

    @Test("Without a voice there is no sound, and the form offers none")
    func absent() throws {
        let fixture = try PortalFixture()
        #expect(try fixture.send(.get, "/captcha/\(challenge(fixture).id).wav").status == 404)
        for (hasVoice, audio) in [(false, Value.absent), (true, .text("/captcha/abc.wav"))] {
            let context = PortalFixture.settings([]).resetContext(
                ResetForm(), language: .english, csrf: "", captcha: "abc", hasVoice: hasVoice,
                words: try PortalFixture.pages().words(.english), errors: [:])
            #expect(context["captcha_audio"] == audio)
        }
    }

    @Test("Pages may play sounds of ours, and of nobody else")
    func policy() throws {
        let policy = try PortalFixture().send(.get, "/reset").headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("media-src 'self';"))
    }
}

/// Speaks what it was told to say, as text.
struct Parrot: SpeechSynthesizer {
    var error: SpeechError?

    func speak(_ letters: String, language: Language) throws -> [UInt8] {
        if let error { throw error }
        return Array("RIFF \(letters) \(language.rawValue)".utf8)
    }
}
