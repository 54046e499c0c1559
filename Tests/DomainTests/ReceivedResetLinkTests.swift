import Cryptography
import Domain
import Support
import Testing

@Suite("Links as mail programs hand them on")
struct ReceivedResetLinkTests {
    private static let id = "abcdefghijklmnopqrst-_"
    private static let token = "\(id).ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn-_1"

    @Test(
        "What stands behind a token is left out",
        arguments: [
            "", ".", ",", "!", "?", ";", ":", ")", "]", "}", ">", "<", "\"", "'", "*", "_", "-", "~", "|", "/", "//",
            "\\",
            "%2E", "%2C", "%29", "%3E", "%22", "%27", "%20", "%0A", "%0D%0A", "%09", "%C2%A0", "%E2%80%8B", "%E2%80%9D",
            "%EF%BC%89", "%E3%80%82", "=", "=3D", "=20", "=0D=0A", "&gt;", "&quot;", ").", ">.", "/)", "…", "，", "”",
            " ",
            "?utm_source=mail&fbclid=x", "?", "?a=%ff", "#top", ".%20Jika%20bukan%20Anda", "%00", "%", "%zz", "%ff",
            "/index.html", "/cancelled", "/x/cancelling",
        ])
    func behind(_ rest: String) {
        let address = ReceivedResetLink(target: "/reset/\(Self.token)\(rest)")
        #expect(address?.path == "/reset/\(Self.token)")
        #expect(address?.isWhole == true)
    }

    @Test(
        "The address that cancels stays one",
        arguments: [
            "/cancel", "/cancel.", "/cancel)", "/cancel/", "/cancel%20", "/cancel?utm_source=x", ")/cancel", "//cancel",
        ])
    func cancels(_ rest: String) {
        #expect(ReceivedResetLink(target: "/reset/\(Self.token)\(rest)")?.path == "/reset/\(Self.token)/cancel")
    }

    @Test(
        "What stands before a token, or breaks it, is left out too",
        arguments: [
            "%20\(token)", "%3C\(token)%3E", "\"\(token)\"", "abcdefghijklm%0Anopqrst-_\(token.dropFirst(22))",
            "abcdefghijklm=%0D%0Anopqrst-_\(token.dropFirst(22))", "\(id)=2E\(token.dropFirst(23))",
            "\(id)%2E\(token.dropFirst(23))", "\(token.prefix(40))%E2%80%8B\(token.dropFirst(40))",
        ])
    func around(_ rest: String) {
        #expect(ReceivedResetLink(target: "/reset/\(rest)")?.path == "/reset/\(Self.token)")
    }

    @Test("A token that is cut off is told as such, wherever the cut is", arguments: 1...65)
    func cutOff(length: Int) {
        for rest in ["", "=", ".", "%20", "=\r\n"] where length != 22 || rest != "." {
            let address = ReceivedResetLink(target: "/reset/\(Self.token.prefix(length))\(rest)")
            #expect(address?.isWhole == false, "\(rest)")
            #expect(address?.path == "/reset/\(Self.token.prefix(length))")
        }
    }

    @Test(
        "What is no token is none",
        arguments: [
            "/reset", "/reset/", "/reset/...", "/login", "/Reset/\(token)", "/x/reset/\(token)",
            "/reset/\(token)A", "/reset/\(token)%41", "/reset/\(id)x.\(token.dropFirst(23))", "/reset/%2F%2F",
        ])
    func others(_ target: String) {
        #expect(ReceivedResetLink(target: target) == nil)
    }

    @Test("A clean address stays as it is, and none that was cleaned is cleaned again")
    func idempotent() {
        var random = SeededRandom(5)
        let system = SystemRandom()
        for _ in 0..<500 {
            let token = "\(Base64URL.encode(system.bytes(16))).\(Base64URL.encode(system.bytes(32)))"
            let junk = [".", ")", "%0A", "=3D", "/", "?x=1", "/cancel", "%C2%A0"]
            let target = "/reset/\(token)" + (0..<3).map { _ in junk.randomElement(using: &random)! }.joined()
            let address = ReceivedResetLink(target: target)
            #expect(address?.token == token && address?.isWhole == true)
            #expect(address.flatMap { ReceivedResetLink(target: $0.path) } == address)
        }
    }

    @Test(
        "A number is found however it was read out or pasted",
        arguments: ["abcdefghijklmn23", "ABCD-EFGH-IJKL-MN23", " abcd efgh ijkl mn23\n", "abcd.efgh.ijkl.mn23"])
    func requestNumber(_ typed: String) {
        #expect(RequestNumber(typed)?.text == "abcdefghijklmn23")
        #expect(RequestNumber(typed)?.grouped == "abcd-efgh-ijkl-mn23")
        #expect(RequestNumber.requestID(" Ticket 7 ") == "Ticket 7")
    }
}
