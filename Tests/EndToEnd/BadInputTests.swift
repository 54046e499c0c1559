import Foundation
import Support
import Testing

/// Oversized, malformed, duplicated and hostile input: a clear page with the right status, nothing written.
@Suite
struct BadInputTests {
    private let budi = Installation.budi

    @Test("Wrong, missing and hostile fields stand in the form beside their errors, and nothing is queued")
    func fields() throws {
        let installation = try Installation()
        let service = try installation.start()
        let corpus: [(changes: [String: String], status: Int, sign: String)] = [
            (["user_id": ""], 422, "user_id_error"),
            (["user_id": "budi\r\nRCPT TO:<evil@example.com>"], 422, "user_id_error"),
            (["user_id": "bud\u{131}"], 422, "user_id_error"),
            (["user_id": "ｂudi"], 422, "user_id_error"),
            (["user_id": String(repeating: "a", count: 65)], 422, "user_id_error"),
            (["email": "budi@example.org\r\nBcc: evil@example.com"], 422, "email_error"),
            (["email": "<budi@example.org>"], 422, "email_error"),
            (["email": "bud\u{131}@example.org"], 422, "email_error"),
            (["email": "a@b@c"], 422, "email_error"),
            (["email": String(repeating: "a", count: 250) + "@example.org"], 422, "email_error"),
            (["user_type": "operator"], 422, "user_type_error"),
            (["security_code": ""], 422, "security_code_error"),
            (["security_code": "AAAAAA"], 422, "security_code_error"),
            (["captcha": "forged"], 422, "security_code_error"),
            (["csrf": "forged"], 403, "role=\"alert\""),
            (["user_id": String(repeating: "a", count: 1 << 20)], 413, "<h1>"),
            (["user_id": "<script>alert(1)</script>"], 422, "&lt;script&gt;"),
        ]
        for (changes, status, sign) in corpus {
            let answer = try installation.ask(for: budi, changing: changes)
            #expect(answer.status == status, "\(changes.mapValues { $0.prefix(40) })")
            #expect(answer.text.contains(sign), "\(changes.mapValues { $0.prefix(40) })")
            #expect(!answer.text.contains("<script>"))
        }
        #expect(try installation.jobs().isEmpty)
        try service.stop(timeout: .seconds(15))
        #expect(installation.mail.connectionCount == 0)
    }

    @Test("A field given twice, as a list or with a NUL is refused, and at most one mail leaves")
    func duplicates() throws {
        let installation = try Installation()
        let service = try installation.start()
        let client = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try client.get("/reset"))
        let good = [
            ("csrf", form.csrf), ("captcha", form.captcha),
            ("security_code", try installation.code(ofCaptcha: form.captcha)), ("user_id", budi.userID),
            ("user_type", budi.userType),
        ]
        for emails in [
            [("email", budi.email), ("email", "evil@example.com")],
            [("email[]", budi.email), ("email[]", "evil@example.com")],
            [("email", budi.email), ("email[]", "evil@example.com")],
            [("email", budi.email + "\0evil@example.com")],
        ] {
            #expect(try client.post("/reset", form: good + emails).status == 400)
        }
        #expect(try installation.jobs().isEmpty)
        #expect(try client.post("/reset", form: good + [("email", budi.email)]).status == 303)
        let message = try installation.resetMail(to: budi)
        #expect(message.recipients == [budi.email])
        try service.stop(timeout: .seconds(15))
    }

    @Test("Whether the account exists cannot be told from the answer; only the right data earn a mail")
    func neutral() throws {
        let installation = try Installation()
        let service = try installation.start()
        let right = try installation.ask(for: budi)
        for changes in [
            ["user_id": "nobody"], ["email": "other@example.org"], ["user_type": "non-penyedia"],
            ["email": "budi@example.com"],
        ] {
            let answer = try installation.ask(for: budi, changing: changes)
            #expect(answer.status == right.status)
            #expect(answer.header("Location") == right.header("Location"))
            #expect(answer.body == right.body)
        }
        _ = try installation.resetMail(to: budi)
        try Eventually.holds("every request is settled") { try installation.jobs().allSatisfy { $0.state == "done" } }
        let reasons = try installation.jobs().reversed().map(\.reason)
        #expect(reasons.dropFirst() == ["account-unknown", "email-mismatch", "user-type-mismatch", "email-mismatch"])
        #expect(installation.mail.messages.count == 1)
        try service.stop(timeout: .seconds(15))
    }

    @Test("A captcha works once: the second request that spends it is refused by the worker")
    func captchaReplay() throws {
        let installation = try Installation()
        let service = try installation.start()
        let client = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try client.get("/reset"))
        let fields = [
            ("csrf", form.csrf), ("captcha", form.captcha),
            ("security_code", try installation.code(ofCaptcha: form.captcha)), ("user_id", budi.userID),
            ("email", budi.email), ("user_type", budi.userType),
        ]
        for _ in 0..<2 { #expect(try client.post("/reset", form: fields).status == 303) }
        try Eventually.holds("both are settled") { try installation.jobs().allSatisfy { $0.state == "done" } }
        #expect(try installation.jobs().map(\.outcome) == ["refused", "mailed"])
        #expect(try installation.jobs().first?.reason == "captcha-spent")
        #expect(installation.mail.messages.count == 1)
        try service.stop(timeout: .seconds(15))
    }

    @Test("Fetching forms and pictures a thousand times writes nothing")
    func formsWriteNothing() throws {
        let installation = try Installation()
        let service = try installation.start("portal")
        let before = try installation.dump()
        let client = HTTPClient(port: installation.portal.number)
        var last = ""
        for _ in 0..<1000 { last = try FormPage(try client.get("/reset")).captcha }
        let picture = try client.get("/captcha/\(last).png")
        #expect(picture.status == 200)
        #expect(picture.header("Content-Type") == "image/png")
        #expect(try client.get("/captcha/\(last).png").body == picture.body)
        #expect(try client.get("/captcha/forged.png").status == 404)
        #expect(try installation.dump() == before)
        try service.stop(timeout: .seconds(15))
    }

    @Test("More requests from one address than the limit allows are told to come back later")
    func addressLimit() throws {
        let installation = try Installation()
        let text = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "perAddressPerHour: 1000", with: "perAddressPerHour: 3")
        try installation.folder.write(text, to: "pulih.json5")
        let service = try installation.start("portal")
        for _ in 0..<3 { #expect(try installation.ask(for: budi).status == 303) }
        let refused = try installation.ask(for: Installation.sari)
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") == "3600")
        #expect(refused.text.contains("value=\"sari\""))
        // The client's own word for its address is not believed.
        #expect(try installation.jobs().count == 3)
        try service.stop(timeout: .seconds(15))
    }
}
