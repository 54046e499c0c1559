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
    private func challenge(_ house: PortalHouse) -> CaptchaChallenge {
        PortalHouse.captchas.challenge(at: house.store.clock.now(), random: SeededRandom())
    }

    @Test("The code of the challenge is spoken, and may be kept as long as the challenge lives")
    func spoken() throws {
        let house = try PortalHouse(voice: Parrot())
        let challenge = challenge(house)
        let response = try house.send(.get, "/captcha/\(challenge.id).wav")
        #expect(response.status == 200)
        #expect(response.text == "RIFF \(challenge.code) id")
        #expect(response.headers["Content-Type"] == "audio/wav")
        #expect(response.headers["Cache-Control"] == "private, max-age=900")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(try house.send(.get, "/captcha/\(challenge.id).png").headers["Content-Type"] == "image/png")
    }

    @Test("It is spoken in the visitor's language")
    func language() throws {
        let house = try PortalHouse(voice: Parrot())
        let path = "/captcha/\(challenge(house).id).wav"
        for (target, headers) in [
            ("\(path)?lang=en", [:]), (path, ["Cookie": "pulih-language=en"]), (path, ["Accept-Language": "en"]),
        ] as [(String, [String: String])] {
            #expect(try house.send(.get, target, headers).text.hasSuffix(" en"))
        }
    }

    @Test("Nothing is spoken for an id that is expired, forged, or none")
    func notFound() throws {
        let house = try PortalHouse(voice: Parrot())
        let challenge = challenge(house)
        let forged = String(challenge.id.dropLast()) + (challenge.id.hasSuffix("A") ? "B" : "A")
        for file in ["\(forged).wav", ".wav", "wav", "x.wav", "\(challenge.id).mp3", "\(challenge.id)", "é.wav"] {
            let path = file.replacing("é", with: "%C3%A9")
            #expect(try house.send(.get, "/captcha/\(path)").status == 404, "\(file)")
        }
        house.store.clock.advance(CaptchaDesk.lifetime)
        #expect(try house.send(.get, "/captcha/\(challenge.id).wav").status == 404)
        #expect(try house.send(.get, "/captcha/\(challenge.id).png").status == 404)
    }

    @Test(
        "A voice that is busy or fails is a 503 that nobody keeps",
        arguments: [VoiceFault.busy, .failed(detail: "espeak-ng is broken")])
    func fault(fault: VoiceFault) throws {
        let house = try PortalHouse(voice: Parrot(fault: fault))
        let response = try house.send(.get, "/captcha/\(challenge(house).id).wav")
        #expect(response.status == 503)
        #expect(response.headers["Cache-Control"] == "no-store")
        #expect(response.headers["Retry-After"] == "2")
        #expect(!response.text.contains("broken"))
    }

    @Test("Without a voice there is no sound, and the form offers none")
    func absent() throws {
        let house = try PortalHouse()
        #expect(try house.send(.get, "/captcha/\(challenge(house).id).wav").status == 404)
        for (hasVoice, audio) in [(false, Value.absent), (true, .text("/captcha/abc.wav"))] {
            let context = PortalHouse.rules.resetContext(
                ResetForm(), language: .english, csrf: "", captcha: "abc", hasVoice: hasVoice, mistakes: [:])
            #expect(context["captcha_audio"] == audio)
        }
    }

    @Test("Pages may play sounds of ours, and of nobody else")
    func policy() throws {
        let policy = try PortalHouse().send(.get, "/reset").headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("media-src 'self';"))
    }
}

/// Speaks what it was told to say, as text.
struct Parrot: Voice {
    var fault: VoiceFault?

    func speak(_ letters: String, language: Language) throws -> [UInt8] {
        if let fault { throw fault }
        return Array("RIFF \(letters) \(language.rawValue)".utf8)
    }
}
